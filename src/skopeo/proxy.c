/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy closes a pipe only after FinishPipe, and answers no other request until that pipe is done. So FinishPipe is
 * sent before the pipe is read: the reader then sees the end of data of any length, and the reply says whether the data
 * was complete. */
#include "skopeo/proxy.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "oci/document.h"
#include "skopeo/proxy-reply.h"
#include "skopeo/signature-policy.h"
#include "skopeo/skopeo-message.h"
#include "skopeo/skopeo.h"

enum {
  FDS_MAX = 4, /* accepted in a packet, so that surplus ones can be closed */
  PIECE_BYTES = 64 * 1024,
  PATIENCE_MS = 200, /* for the proxy to exit */
};

struct _VarveProxy {
  VarveSkopeo *skopeo;
  VarveChild *child;
  int socket_fd;
  gint64 image_id;
};

/* Waits until @fd can be read. */
static gboolean
proxy_wait_readable (int fd, GCancellable *cancellable, GError **error)
{
  GPollFD cancel = { .fd = -1 };
  gboolean has_cancel = g_cancellable_make_pollfd (cancellable, &cancel);
  struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = cancel.fd, .events = POLLIN } };
  int n;
  do
    n = poll (fds, has_cancel ? 2 : 1, -1);
  while (n < 0 && errno == EINTR);
  int saved_errno = errno;
  if (has_cancel)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return n > 0 || varve_set_errno (error, saved_errno, "waiting for the proxy");
}

gssize
varve_proxy_read_pipe (int fd, void *buffer, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      if (!proxy_wait_readable (fd, cancellable, error))
        return -1;
      gssize n = read (fd, buffer, size_bytes);
      if (n >= 0)
        return n;
      if (errno != EINTR && errno != EAGAIN)
        {
          varve_set_errno (error, errno, "reading from the proxy");
          return -1;
        }
    }
}

/* The proxy exited or broke the protocol: its stderr has the better reason. */
static gboolean
proxy_fail_exited (VarveProxy *proxy, GError **error)
{
  varve_child_wait (proxy->child, PATIENCE_MS); /* its last messages may still be on their way */
  g_autofree char *messages = varve_child_messages (proxy->child);
  varve_skopeo_fail (proxy->skopeo, messages, error);
  g_prefix_error (error, "the proxy exited: ");
  return FALSE;
}

static gboolean
proxy_send (VarveProxy *proxy, const char *method, json_object *arguments, GError **error)
{
  g_autoptr (json_object) request = json_object_new_object ();
  varve_json_add_string (request, "method", method);
  json_object_object_add (request, "args", arguments);
  g_autofree char *text = varve_json_to_canonical (request);
  if (strlen (text) > VARVE_PROXY_MESSAGE_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "a request to the proxy has %" G_GSIZE_FORMAT " bytes: the limit is %d", strlen (text),
                   VARVE_PROXY_MESSAGE_MAX_BYTES);
      return FALSE;
    }
  gssize n;
  do
    n = send (proxy->socket_fd, text, strlen (text), MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n >= 0 || proxy_fail_exited (proxy, error);
}

/* The proxy exits on Shutdown or when its socket is closed; a busy one is killed. */
void
varve_proxy_free (VarveProxy *proxy)
{
  if (proxy->child != NULL)
    {
      if (!proxy_send (proxy, "Shutdown", json_object_new_array (), NULL))
        g_debug ("the proxy has already exited");
      close (proxy->socket_fd);
      varve_child_wait (proxy->child, PATIENCE_MS);
      varve_child_free (proxy->child);
    }
  else if (proxy->socket_fd >= 0)
    close (proxy->socket_fd);
  g_clear_pointer (&proxy->skopeo, varve_skopeo_free);
  g_free (proxy);
}

/* Takes the file descriptors of a packet; closes those that were not expected. */
static gboolean
proxy_take_fds (struct msghdr *header, int *out_fd, GError **error)
{
  int fds[FDS_MAX];
  guint n_fds = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR (header); part != NULL; part = CMSG_NXTHDR (header, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      for (gsize i = 0; i < (part->cmsg_len - CMSG_LEN (0)) / sizeof (int); i++)
        {
          int fd;
          memcpy (&fd, CMSG_DATA (part) + i * sizeof (int), sizeof fd);
          if (n_fds < FDS_MAX)
            fds[n_fds++] = fd;
          else
            close (fd);
        }
  gboolean expected = n_fds == (out_fd != NULL ? 1 : 0) && (header->msg_flags & MSG_CTRUNC) == 0;
  if (expected && out_fd != NULL)
    *out_fd = fds[0];
  for (guint i = 0; !expected && i < n_fds; i++)
    close (fds[i]);
  if (!expected)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "reply of the proxy: found %u file descriptors: expected %d",
                 n_fds, out_fd != NULL ? 1 : 0);
  return expected;
}

static VarveProxyReply *
proxy_parse_reply (VarveProxy *proxy, GBytes *packet, GError **error)
{
  g_autoptr (VarveProxyReply) reply = varve_proxy_reply_parse (packet, error);
  if (reply == NULL || reply->success)
    return g_steal_pointer (&reply);
  varve_skopeo_fail (proxy->skopeo, reply->message, error);
  return NULL;
}

/* @out_fd is NULL when the reply must not have a file descriptor. */
static VarveProxyReply *
proxy_receive (VarveProxy *proxy, int *out_fd, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (VARVE_PROXY_MESSAGE_MAX_BYTES);
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (FDS_MAX * sizeof (int))];
  } control;
  struct iovec part = { .iov_base = buffer, .iov_len = VARVE_PROXY_MESSAGE_MAX_BYTES };
  struct msghdr header
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  if (!proxy_wait_readable (proxy->socket_fd, cancellable, error))
    return NULL;
  gssize n;
  do
    n = recvmsg (proxy->socket_fd, &header, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    {
      proxy_fail_exited (proxy, error);
      return NULL;
    }
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) packet = g_bytes_new (buffer, (gsize)n);
  g_autoptr (VarveProxyReply) reply = NULL;
  if (header.msg_flags & MSG_TRUNC)
    g_set_error (&failure, VARVE_ERROR, VARVE_ERROR_LIMIT, "reply of the proxy: larger than the limit of %d bytes",
                 VARVE_PROXY_MESSAGE_MAX_BYTES);
  else
    reply = proxy_parse_reply (proxy, packet, &failure);
  /* A failed request has no file descriptor; report the failure, not that. */
  gboolean taken = proxy_take_fds (&header, reply != NULL ? out_fd : NULL, reply != NULL ? error : NULL);
  if (reply == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return reply != NULL && taken ? g_steal_pointer (&reply) : NULL;
}

static VarveProxyReply *
proxy_call (VarveProxy *proxy, const char *method, json_object *arguments, GCancellable *cancellable, GError **error)
{
  return proxy_send (proxy, method, arguments, error) ? proxy_receive (proxy, NULL, cancellable, error) : NULL;
}

/* Warns once, not for each proxy. */
static void
proxy_warn_policy (const VarveReference *reference)
{
  static gsize warned;
  if (reference->access == NULL || varve_signature_policy_accepts_all () || !g_once_init_enter (&warned))
    return;
  varve_observer_warn (
      reference->access->observer,
      "this version of skopeo does not enforce policy.json when an image is read in place: signatures are not checked");
  g_once_init_leave (&warned, 1);
}

static gboolean
proxy_initialize (VarveProxy *proxy, const VarveReference *reference, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveProxyReply) reply = proxy_call (proxy, "Initialize", json_object_new_array (), cancellable, error);
  const char *version = reply != NULL ? varve_proxy_reply_string (reply, error) : NULL;
  if (version == NULL || !varve_proxy_check_version (version, error))
    return FALSE;
  if (reference->access != NULL && reference->access->requires_policy)
    return varve_proxy_check_policy (version, error);
  if (!varve_proxy_enforces_policy (version))
    proxy_warn_policy (reference);
  return TRUE;
}

static gboolean
proxy_open_image (VarveProxy *proxy, const VarveReference *reference, GCancellable *cancellable, GError **error)
{
  json_object *arguments = json_object_new_array ();
  json_object_array_add (arguments, json_object_new_string (reference->text));
  g_autoptr (VarveProxyReply) reply = proxy_call (proxy, "OpenImage", arguments, cancellable, error);
  return reply != NULL && varve_proxy_reply_number (reply, &proxy->image_id, error);
}

static gboolean
proxy_start (VarveProxy *proxy, const VarveReference *reference, const char *architecture, GError **error)
{
  proxy->skopeo = varve_skopeo_new (reference->access, error);
  if (proxy->skopeo == NULL)
    return FALSE;
  if (!varve_skopeo_add_option (proxy->skopeo, "override-os", "linux", error)
      || !varve_skopeo_add_option (proxy->skopeo, "override-arch", architecture, error))
    return FALSE;
  varve_skopeo_add (proxy->skopeo, "experimental-image-proxy");
  if (!varve_skopeo_add_access (proxy->skopeo, reference, "", error))
    return FALSE;
  int sockets[2];
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    return varve_set_errno (error, errno, "creating a socket");
  proxy->socket_fd = sockets[0];
  proxy->child = varve_skopeo_start (proxy->skopeo, sockets[1], "sockfd", error);
  close (sockets[1]);
  return proxy->child != NULL;
}

typedef struct {
  const VarveReference *reference;
  const char *architecture;
  GCancellable *cancellable;
  VarveProxy *proxy; /* the result */
} Opening;

static gboolean
proxy_try_open (gpointer data, GError **error)
{
  Opening *opening = data;
  g_autoptr (VarveProxy) proxy = g_new0 (VarveProxy, 1);
  proxy->socket_fd = -1;
  if (!proxy_start (proxy, opening->reference, opening->architecture, error)
      || !proxy_initialize (proxy, opening->reference, opening->cancellable, error)
      || !proxy_open_image (proxy, opening->reference, opening->cancellable, error))
    return FALSE;
  opening->proxy = g_steal_pointer (&proxy);
  return TRUE;
}

VarveProxy *
varve_proxy_open (const VarveReference *reference, const char *architecture, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveAccess) access
      = reference->access != NULL ? varve_access_ref (reference->access) : varve_access_new ();
  Opening opening = { .reference = reference, .architecture = architecture, .cancellable = cancellable };
  return varve_access_retry (access, proxy_try_open, &opening, varve_skopeo_may_retry, error) ? opening.proxy : NULL;
}

/* Sends a request whose reply has a pipe, then FinishPipe. */
static int
proxy_open_pipe (VarveProxy *proxy, const char *method, json_object *arguments, VarveProxyReply **out_reply,
                 GCancellable *cancellable, GError **error)
{
  int fd = -1;
  g_autoptr (VarveProxyReply) reply
      = proxy_send (proxy, method, arguments, error) ? proxy_receive (proxy, &fd, cancellable, error) : NULL;
  if (reply == NULL)
    return -1;
  json_object *finish = json_object_new_array ();
  json_object_array_add (finish, json_object_new_int64 (reply->pipe_id));
  if (!proxy_send (proxy, "FinishPipe", finish, error))
    {
      close (fd);
      return -1;
    }
  *out_reply = g_steal_pointer (&reply);
  return fd;
}

static GBytes *
proxy_read_document (int fd, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  for (;;)
    {
      gssize n = varve_proxy_read_pipe (fd, piece, PIECE_BYTES, cancellable, error);
      if (n < 0)
        return NULL;
      if (n == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&content));
      if (content->len + (gsize)n > VARVE_DOCUMENT_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the manifest is larger than the limit of %d bytes",
                       VARVE_DOCUMENT_MAX_BYTES);
          return NULL;
        }
      g_byte_array_append (content, piece, (guint)n);
    }
}

GBytes *
varve_proxy_get_manifest (VarveProxy *proxy, char **out_digest, GCancellable *cancellable, GError **error)
{
  json_object *arguments = json_object_new_array ();
  json_object_array_add (arguments, json_object_new_int64 (proxy->image_id));
  g_autoptr (VarveProxyReply) reply = NULL;
  int fd = proxy_open_pipe (proxy, "GetManifest", arguments, &reply, cancellable, error);
  if (fd < 0)
    return NULL;
  g_autoptr (GBytes) content = proxy_read_document (fd, cancellable, error);
  close (fd);
  const char *digest = content != NULL && varve_proxy_finish_blob (proxy, cancellable, error)
                           ? varve_proxy_reply_string (reply, error)
                           : NULL;
  if (digest == NULL)
    return NULL;
  *out_digest = g_strdup (digest);
  return g_steal_pointer (&content);
}

/* Requests a blob; *@out_announced is the size that the proxy announces, -1 when it does not know. */
static int
proxy_request_blob (VarveProxy *proxy, const char *digest, guint64 size_bytes, gint64 *out_announced,
                    GCancellable *cancellable, GError **error)
{
  json_object *arguments = json_object_new_array ();
  json_object_array_add (arguments, json_object_new_int64 (proxy->image_id));
  json_object_array_add (arguments, json_object_new_string (digest));
  json_object_array_add (arguments, json_object_new_int64 ((gint64)size_bytes));
  g_autoptr (VarveProxyReply) reply = NULL;
  int fd = proxy_open_pipe (proxy, "GetBlob", arguments, &reply, cancellable, error);
  if (fd < 0 || varve_proxy_reply_number (reply, out_announced, error))
    return fd;
  close (fd);
  return -1;
}

int
varve_proxy_start_blob (VarveProxy *proxy, const char *digest, guint64 size_bytes, GCancellable *cancellable,
                        GError **error)
{
  gint64 announced = -1;
  int fd = proxy_request_blob (proxy, digest, size_bytes, &announced, cancellable, error);
  if (fd < 0 || announced < 0 || (guint64)announced == size_bytes)
    return fd;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "the proxy announces %" G_GINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, announced, size_bytes);
  close (fd);
  return -1;
}

gboolean
varve_proxy_finish_blob (VarveProxy *proxy, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveProxyReply) reply = proxy_receive (proxy, NULL, cancellable, error);
  return reply != NULL;
}

gboolean
varve_proxy_get_size (VarveProxy *proxy, const char *digest, guint64 *out_size_bytes, GCancellable *cancellable,
                      GError **error)
{
  gint64 announced = -1;
  int fd = proxy_request_blob (proxy, digest, 0, &announced, cancellable, error);
  if (fd < 0)
    return FALSE;
  close (fd); /* the proxy then fails to send the blob, and replies so */
  g_autoptr (GError) ignored = NULL;
  if (!varve_proxy_finish_blob (proxy, cancellable, &ignored)
      && g_error_matches (ignored, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&ignored));
      return FALSE;
    }
  if (announced < 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "the proxy does not know the size of '%s'", digest);
      return FALSE;
    }
  *out_size_bytes = (guint64)announced;
  return TRUE;
}
