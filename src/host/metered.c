/* SPDX-License-Identifier: Apache-2.0 */
/* Asks over a connection of its own: GLib would end the program when the bus closes a shared one, and a prefetch may
 * run for hours. */
#include "host/metered.h"

#include "base/error.h"

#define NAME "org.freedesktop.NetworkManager"
#define PATH "/org/freedesktop/NetworkManager"

enum { TIMEOUT_MS = 5000 };

/* NMMetered. */
enum { NM_METERED_YES = 1, NM_METERED_NO = 2, NM_METERED_GUESS_YES = 3, NM_METERED_GUESS_NO = 4 };

/* NULL where there is no bus. */
static GDBusConnection *
connect_to_bus (GCancellable *cancellable)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, cancellable, NULL);
  if (address == NULL)
    return NULL;
  return g_dbus_connection_new_for_address_sync (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      cancellable, NULL);
}

static gboolean
is_not_there (const GError *failure)
{
  return g_error_matches (failure, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (failure, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

static VarveMetered
metered_from_number (guint32 number)
{
  if (number == NM_METERED_YES || number == NM_METERED_GUESS_YES)
    return VARVE_METERED_YES;
  return number == NM_METERED_NO || number == NM_METERED_GUESS_NO ? VARVE_METERED_NO : VARVE_METERED_UNKNOWN;
}

static gboolean
metered_from_reply (GVariant *reply, VarveMetered *out_metered, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    {
      *out_metered = metered_from_number (g_variant_get_uint32 (value));
      return TRUE;
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "NetworkManager: the property Metered has type '%s', not 'u'",
               g_variant_get_type_string (value));
  return FALSE;
}

gboolean
varve_metered_ask (VarveMetered *out_metered, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDBusConnection) bus = connect_to_bus (cancellable);
  if (bus == NULL)
    {
      *out_metered = VARVE_METERED_UNKNOWN;
      return !g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, NAME, PATH, "org.freedesktop.DBus.Properties", "Get", g_variant_new ("(ss)", NAME, "Metered"),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, cancellable, &failure);
  g_dbus_connection_close_sync (bus, NULL, NULL);
  if (reply != NULL)
    return metered_from_reply (reply, out_metered, error);
  if (is_not_there (failure))
    {
      *out_metered = VARVE_METERED_UNKNOWN;
      return TRUE;
    }
  g_dbus_error_strip_remote_error (failure);
  g_autofree char *reason = varve_escape (failure->message);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "NetworkManager: %s", reason);
  return FALSE;
}
