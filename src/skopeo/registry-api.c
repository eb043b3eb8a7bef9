/* SPDX-License-Identifier: Apache-2.0 */
/* One request, and where the registry asks for it, one more with a user name or with a token from its token server. */
#include "skopeo/registry-api.h"

#include <curl/curl.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/temporary-folder.h"
#include "oci/descriptor.h"
#include "oci/document.h"
#include "skopeo/challenge.h"
#include "skopeo/credentials.h"

enum {
  CONNECT_SECONDS = 20,
  REQUEST_SECONDS = 120,
  REDIRECTS_MAX = 5,
  HEADER_MAX_BYTES = 8 << 10,
  STATUS_OK = 200,
  STATUS_CREATED = 201,
  STATUS_UNAUTHORIZED = 401,
  STATUS_NOT_FOUND = 404,
};

static const char HTTPS[] = "https://";

typedef struct {
  const VarveReference *reference;
  VarveCredentials credentials;
  char *token;                   /* from a token server */
  const char *scheme;            /* NULL: https */
  VarveTemporaryFolder *scratch; /* for a file of CA certificates; or NULL */
} Registry;

static void
registry_clear (Registry *registry)
{
  varve_credentials_clear (&registry->credentials);
  g_clear_pointer (&registry->token, g_free);
  g_clear_pointer (&registry->scratch, varve_temporary_folder_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Registry, registry_clear)

typedef enum {
  LOGIN_NONE,
  LOGIN_BASIC,
  LOGIN_BEARER,
} Login;

typedef struct {
  const char *url;
  GBytes *upload; /* the body of a PUT; NULL: GET */
  Login login;
} Request;

typedef struct {
  long status;
  GByteArray *body;
  char *challenge; /* the value of WWW-Authenticate; or NULL */
} Response;

static void
response_clear (Response *response)
{
  g_clear_pointer (&response->body, g_byte_array_unref);
  g_clear_pointer (&response->challenge, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Response, response_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CURL, curl_easy_cleanup)
typedef struct curl_slist Headers;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Headers, curl_slist_free_all)

static size_t
take_body (char *data, size_t size, size_t n, void *user_data)
{
  Response *response = user_data;
  if (response->body->len + size * n > VARVE_DOCUMENT_MAX_BYTES)
    return 0;
  g_byte_array_append (response->body, (const guint8 *)data, (guint)(size * n));
  return size * n;
}

static size_t
take_header (char *data, size_t size, size_t n, void *user_data)
{
  static const char NAME[] = "www-authenticate:";
  Response *response = user_data;
  if (size * n < HEADER_MAX_BYTES && size * n > strlen (NAME) && g_ascii_strncasecmp (data, NAME, strlen (NAME)) == 0)
    {
      g_free (response->challenge);
      response->challenge = g_strstrip (g_strndup (data + strlen (NAME), size * n - strlen (NAME)));
    }
  return size * n;
}

static int
watch_cancellable (void *user_data, curl_off_t down, curl_off_t down_now, curl_off_t up, curl_off_t up_now)
{
  return g_cancellable_is_cancelled (user_data) ? 1 : 0;
}

/* The folder of containers-certs.d(5) for the host, or the one that was given. */
static char *
find_cert_dir (const Registry *registry)
{
  static const char *const PARENTS[] = { "/etc/containers/certs.d", "/etc/docker/certs.d" };
  const VarveAccess *access = registry->reference->access;
  if (access != NULL && access->cert_dir != NULL)
    return g_strdup (access->cert_dir);
  g_autofree char *host = varve_reference_host (registry->reference);
  for (guint i = 0; i < G_N_ELEMENTS (PARENTS); i++)
    {
      g_autofree char *path = g_build_filename (PARENTS[i], host, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* The system's certificates and those of the folder, as one file, which all TLS libraries of curl read. */
static gboolean
use_ca_files (Registry *registry, CURL *curl, GString *certificates, GError **error)
{
  static const char SYSTEM[] = "/etc/ssl/certs/ca-certificates.crt";
  g_autofree char *system = NULL;
  if (g_file_get_contents (SYSTEM, &system, NULL, NULL))
    g_string_append (certificates, system);
  if (registry->scratch == NULL && (registry->scratch = varve_temporary_folder_new (NULL, error)) == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (varve_temporary_folder_path (registry->scratch), "ca.crt", NULL);
  if (!g_file_set_contents (path, certificates->str, (gssize)certificates->len, error))
    return FALSE;
  curl_easy_setopt (curl, CURLOPT_CAINFO, path);
  return TRUE;
}

/* *.crt are CAs; *.cert is the client's certificate, and *.key beside it its key. */
static gboolean
use_cert_dir (Registry *registry, CURL *curl, GError **error)
{
  g_autofree char *path = find_cert_dir (registry);
  g_autoptr (GDir) folder = path != NULL ? g_dir_open (path, 0, error) : NULL;
  g_autoptr (GString) certificates = g_string_new (NULL);
  if (path != NULL && folder == NULL)
    return FALSE;
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *content = NULL;
      if (g_str_has_suffix (name, ".cert"))
        curl_easy_setopt (curl, CURLOPT_SSLCERT, file);
      else if (g_str_has_suffix (name, ".key"))
        curl_easy_setopt (curl, CURLOPT_SSLKEY, file);
      else if (g_str_has_suffix (name, ".crt") && !g_file_get_contents (file, &content, NULL, error))
        return FALSE;
      if (content != NULL)
        g_string_append_printf (certificates, "%s\n", content);
    }
  return certificates->len == 0 || use_ca_files (registry, curl, certificates, error);
}

static Headers *
make_headers (const Registry *registry, const Request *request)
{
  Headers *headers = curl_slist_append (NULL, "Accept: " VARVE_MEDIA_TYPE_INDEX ", application/json");
  if (request->upload != NULL)
    headers = curl_slist_append (headers, "Content-Type: " VARVE_MEDIA_TYPE_INDEX);
  headers = curl_slist_append (headers, "Expect:");
  const char *token = registry->credentials.token != NULL ? registry->credentials.token : registry->token;
  g_autofree char *bearer = g_strconcat ("Authorization: Bearer ", token, NULL);
  return request->login == LOGIN_BEARER && token != NULL ? curl_slist_append (headers, bearer) : headers;
}

static void
set_credentials (const Registry *registry, const Request *request, CURL *curl)
{
  if (request->login != LOGIN_BASIC || registry->credentials.user == NULL)
    return;
  curl_easy_setopt (curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  curl_easy_setopt (curl, CURLOPT_USERNAME, registry->credentials.user);
  curl_easy_setopt (curl, CURLOPT_PASSWORD, registry->credentials.password);
}

static void
set_transfer (const Registry *registry, const Request *request, Response *response, CURL *curl)
{
  const VarveAccess *access = registry->reference->access;
  gboolean verifies = access == NULL || access->tls != VARVE_TLS_DO_NOT_VERIFY;
  curl_easy_setopt (curl, CURLOPT_URL, request->url);
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, verifies ? "https" : "https,http");
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT, (long)REQUEST_SECONDS);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, response);
  curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt (curl, CURLOPT_HEADERDATA, response);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, watch_cancellable);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, access != NULL ? access->cancellable : NULL);
  if (request->upload == NULL)
    return;
  curl_easy_setopt (curl, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt (curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)g_bytes_get_size (request->upload));
  curl_easy_setopt (curl, CURLOPT_POSTFIELDS, g_bytes_get_data (request->upload, NULL));
}

/* A redirect can lead to any server, and what that one asks for is not the registry's question. */
static void
drop_foreign_challenge (CURL *curl, Response *response)
{
  long n_redirects = 0;
  if (curl_easy_getinfo (curl, CURLINFO_REDIRECT_COUNT, &n_redirects) != CURLE_OK || n_redirects > 0)
    g_clear_pointer (&response->challenge, g_free);
}

static gboolean
perform (Registry *registry, const Request *request, Response *response, GError **error)
{
  g_autoptr (CURL) curl = curl_easy_init ();
  g_autoptr (Headers) headers = make_headers (registry, request);
  char problem[CURL_ERROR_SIZE] = "";
  response_clear (response);
  *response = (Response){ .body = g_byte_array_new () };
  if (!use_cert_dir (registry, curl, error))
    return FALSE;
  set_transfer (registry, request, response, curl);
  set_credentials (registry, request, curl);
  curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, problem);
  CURLcode code = curl_easy_perform (curl);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &response->status);
  drop_foreign_challenge (curl, response);
  if (code == CURLE_OK)
    return TRUE;
  const VarveAccess *access = registry->reference->access;
  if (access != NULL && g_cancellable_set_error_if_cancelled (access->cancellable, error))
    return FALSE;
  g_autofree char *escaped = varve_escape (problem[0] != '\0' ? problem : curl_easy_strerror (code));
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "%s", escaped);
  return FALSE;
}

static gboolean
take_token (Registry *registry, const Response *response, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (response->body->data, response->body->len);
  g_autoptr (json_object) json = varve_json_parse (bytes, VARVE_DOCUMENT_MAX_BYTES, error);
  const char *token = NULL, *other = NULL;
  if (json == NULL)
    return FALSE;
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the token server's answer is not a JSON object");
      return FALSE;
    }
  if (!varve_json_find_string (json, "token", &token, error)
      || !varve_json_find_string (json, "access_token", &other, error))
    return FALSE;
  token = token != NULL ? token : other;
  if (token == NULL || strpbrk (token, "\r\n") != NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the token server's answer has no token");
      return FALSE;
    }
  g_free (registry->token);
  registry->token = g_strdup (token);
  return TRUE;
}

/* The token server gets the user name and the password, so it must be reached as safely as the registry. */
static gboolean
fetch_token (Registry *registry, const VarveChallenge *challenge, GError **error)
{
  if (registry->scheme == NULL
      && (challenge->realm == NULL || g_ascii_strncasecmp (challenge->realm, HTTPS, strlen (HTTPS)) != 0))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "the token server is not reached by https");
      return FALSE;
    }
  g_autofree char *url = varve_challenge_token_url (challenge);
  g_auto (Response) response = { 0 };
  Request request = { .url = url, .login = LOGIN_BASIC };
  if (!perform (registry, &request, &response, error))
    return FALSE;
  if (response.status == STATUS_OK)
    return take_token (registry, &response, error);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "the token server answers with status %ld", response.status);
  return FALSE;
}

/* The request again as the registry asks for it. */
static gboolean
log_in (Registry *registry, Request *request, Response *response, GError **error)
{
  g_auto (VarveChallenge) challenge = { 0 };
  varve_challenge_parse (response->challenge != NULL ? response->challenge : "", &challenge);
  request->login = challenge.is_bearer ? LOGIN_BEARER : LOGIN_BASIC;
  if (challenge.is_bearer && registry->credentials.token == NULL && !fetch_token (registry, &challenge, error))
    return FALSE;
  return perform (registry, request, response, error);
}

static const char *
first_scheme (const Registry *registry)
{
  return registry->scheme != NULL ? registry->scheme : "https";
}

/* @path is below "/v2/NAME/". Without TLS only where it need not be verified, as skopeo does. */
static gboolean
send_path (Registry *registry, const char *path, GBytes *upload, Response *response, GError **error)
{
  const VarveReference *reference = registry->reference;
  g_autofree char *host = varve_reference_host (reference);
  const char *name = reference->path + strlen (host) + 1;
  const char *server = g_str_equal (host, "docker.io") ? "registry-1.docker.io" : host;
  g_autofree char *url = g_strdup_printf ("%s://%s/v2/%s/%s", first_scheme (registry), server, name, path);
  g_autoptr (GError) failure = NULL;
  Request request = { .url = url, .upload = upload };
  gboolean done = perform (registry, &request, response, &failure);
  gboolean may_be_plain = registry->scheme == NULL && reference->access != NULL
                          && reference->access->tls == VARVE_TLS_DO_NOT_VERIFY
                          && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_IO);
  if (!done && may_be_plain)
    {
      registry->scheme = "http";
      return send_path (registry, path, upload, response, error);
    }
  if (done && response->status == STATUS_UNAUTHORIZED && response->challenge != NULL)
    done = log_in (registry, &request, response, &failure);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&failure));
  return done;
}

static gboolean
exchange (const VarveReference *reference, const char *path, GBytes *upload, Response *response, GError **error)
{
  static gsize once;
  if (g_once_init_enter (&once))
    g_once_init_leave (&once, curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK ? 1 : 2);
  g_auto (Registry) registry = { .reference = reference };
  g_autoptr (GError) failure = NULL;
  if (varve_credentials_find (reference, &registry.credentials, &failure)
      && send_path (&registry, path, upload, response, &failure))
    return TRUE;
  g_autofree char *redacted
      = reference->access != NULL ? varve_access_redact (reference->access, failure->message) : NULL;
  g_set_error_literal (error, failure->domain, failure->code, redacted != NULL ? redacted : failure->message);
  return FALSE;
}

/* Also of an empty body, whose data is NULL; the caller owns it. */
static char *
response_text (const Response *response)
{
  const GByteArray *body = response->body;
  return body->len > 0 ? g_strndup ((const char *)body->data, body->len) : g_strdup ("");
}

/* With the registry's own words: distribution-spec, "Error Codes". */
static void
set_status_error (const Response *response, VarveError code, GError **error)
{
  g_autofree char *text = response_text (response);
  g_autofree char *escaped = varve_escape (g_strstrip (text));
  g_set_error (error, VARVE_ERROR, code, "the registry answers with status %ld: %s", response->status, escaped);
}

GBytes *
varve_registry_referrers (const VarveReference *repository, const VarveDigest *subject, GError **error)
{
  g_autofree char *digest = varve_digest_to_string (subject);
  g_autofree char *path = g_strconcat ("referrers/", digest, NULL);
  g_auto (Response) response = { 0 };
  if (!exchange (repository, path, NULL, &response, error))
    return NULL;
  if (response.status == STATUS_OK)
    return g_bytes_new (response.body->data, response.body->len);
  set_status_error (&response, response.status == STATUS_NOT_FOUND ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_IO, error);
  return NULL;
}

gboolean
varve_registry_put_index (const VarveReference *tagged, GBytes *index, GError **error)
{
  g_autofree char *path = g_strconcat ("manifests/", tagged->ref, NULL);
  g_auto (Response) response = { 0 };
  if (!exchange (tagged, path, index, &response, error))
    return FALSE;
  if (response.status == STATUS_CREATED || response.status == STATUS_OK)
    return TRUE;
  g_autofree char *text = response_text (&response);
  gboolean lacks_entry = strstr (text, "MANIFEST_BLOB_UNKNOWN") != NULL || strstr (text, "MANIFEST_UNKNOWN") != NULL;
  set_status_error (&response, lacks_entry ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_IO, error);
  return FALSE;
}
