/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command with a private system bus, on which a NetworkManager says how the connection is metered.
 *
 * usage: fake-network-manager METERED COMMAND…     METERED: a number of NMMetered; "none": no NetworkManager; "text":
 * the property is a string; "refused": reading it is an error */
#include <gio/gio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define NAME "org.freedesktop.NetworkManager"

static const char INTERFACE[] = "<node><interface name='" NAME "'><property name='Metered' type='%s' access='read'/>"
                                "</interface></node>";

typedef struct {
  const char *metered;
  GMainLoop *loop;
  char **command;
  int status;
} Fake;

static GVariant *
get_property (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *property,
              GError **error, gpointer data)
{
  const Fake *fake = data;
  if (g_str_equal (fake->metered, "refused"))
    g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "you may not ask");
  else if (g_str_equal (fake->metered, "text"))
    return g_variant_new_string ("yes");
  else
    return g_variant_new_uint32 ((guint32)atoi (fake->metered));
  return NULL;
}

static void
ended (GPid pid, int status, gpointer data)
{
  Fake *fake = data;
  fake->status = WIFEXITED (status) ? WEXITSTATUS (status) : 99;
  g_main_loop_quit (fake->loop);
}

static void
run (Fake *fake)
{
  GPid pid;
  g_autoptr (GError) error = NULL;
  if (!g_spawn_async (NULL, fake->command, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                      &error))
    g_error ("%s", error->message);
  g_child_watch_add (pid, ended, fake);
}

static void
name_acquired (GDBusConnection *bus, const char *name, gpointer data)
{
  run (data);
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    return 2;
  g_autoptr (GTestDBus) test_bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (test_bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (test_bus), TRUE);
  Fake fake = { .metered = argv[1], .loop = g_main_loop_new (NULL, FALSE), .command = argv + 2 };
  static const GDBusInterfaceVTable VTABLE = { .get_property = get_property };
  g_autofree char *xml = g_strdup_printf (INTERFACE, g_str_equal (fake.metered, "text") ? "s" : "u");
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_dbus_connection_register_object (bus, "/org/freedesktop/NetworkManager", node->interfaces[0], &VTABLE, &fake, NULL,
                                     NULL);
  if (g_str_equal (fake.metered, "none"))
    run (&fake);
  else
    g_bus_own_name_on_connection (bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, name_acquired, NULL, &fake, NULL);
  g_main_loop_run (fake.loop);
  g_main_loop_unref (fake.loop);
  g_clear_object (&bus);
  g_test_dbus_stop (test_bus);
  return fake.status;
}
