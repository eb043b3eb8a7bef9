/* SPDX-License-Identifier: Apache-2.0 */
/* An index of old units by hash, by name, and by name with versions replaced. */
#include "delta/sources.h"

#include <string.h>

#include "base/fasthash.h"

enum { CANDIDATES_MAX = 64, RATIO_MAX = 64 };

struct _VarveSources {
  GPtrArray *units; /* VarveUnit, owned; whole files first */
  guint n_whole;
  GHashTable *by_hash;     /* hash and size -> VarveUnit */
  GHashTable *by_name;     /* a name or a pattern -> GPtrArray of VarveUnit */
  GHashTable *seen_inside; /* set of VarveImageFile: with INSIDE, the units inside replace the whole file */
};

typedef struct {
  guint64 hash, size_bytes;
} HashKey;

static guint
hash_key_hash (gconstpointer key)
{
  return (guint)((const HashKey *)key)->hash;
}

static gboolean
hash_key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (HashKey)) == 0;
}

/* "usr/lib/modules/6.1.0-54-amd64/x.ko" becomes "=usr/lib/modules/#-#-amd64/x.ko": a '#' for each run of digits and
 * dots between digits. */
static char *
name_pattern (const char *name)
{
  g_autoptr (GString) pattern = g_string_new ("=");
  for (const char *c = name; *c != '\0';)
    if (g_ascii_isdigit (*c))
      {
        g_string_append_c (pattern, '#');
        while (g_ascii_isdigit (*c) || (*c == '.' && g_ascii_isdigit (c[1])))
          c++;
      }
    else
      g_string_append_c (pattern, *c++);
  return g_string_free (g_steal_pointer (&pattern), FALSE);
}

static const char *
base_name (const char *name)
{
  const char *slash = strrchr (name, '/');
  return slash != NULL ? slash + 1 : name;
}

/* The pattern of the last component: "*libssl.so.#". */
static char *
name_base_pattern (const char *name)
{
  g_autofree char *pattern = name_pattern (base_name (name));
  pattern[0] = '*';
  return g_steal_pointer (&pattern);
}

static void
sources_add_key (VarveSources *sources, char *key, VarveUnit *unit)
{
  GPtrArray *list = g_hash_table_lookup (sources->by_name, key);
  if (list == NULL)
    {
      list = g_ptr_array_new ();
      g_hash_table_insert (sources->by_name, key, list);
    }
  else
    g_free (key);
  g_ptr_array_add (list, unit);
}

static void
sources_add_name (VarveSources *sources, const char *name, VarveUnit *unit)
{
  sources_add_key (sources, g_strdup (name), unit);
  sources_add_key (sources, name_pattern (name), unit);
  sources_add_key (sources, name_base_pattern (name), unit);
}

static void
sources_add_hash (VarveSources *sources, VarveUnit *unit)
{
  HashKey key = { .hash = unit->hash, .size_bytes = unit->content.size_bytes };
  const VarveUnit *known = g_hash_table_lookup (sources->by_hash, &key);
  if (unit->hash != 0 && (known == NULL || known->n_steps > unit->n_steps))
    g_hash_table_insert (sources->by_hash, g_memdup2 (&key, sizeof key), unit);
}

VarveSources *
varve_sources_new (VarveImageFiles *files)
{
  VarveSources *sources = g_new0 (VarveSources, 1);
  sources->units = g_ptr_array_new_with_free_func (g_free);
  sources->by_hash = g_hash_table_new_full (hash_key_hash, hash_key_equal, g_free, NULL);
  sources->by_name
      = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  sources->seen_inside = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < files->files->len; i++)
    {
      VarveImageFile *file = files->files->pdata[i];
      VarveUnit *unit = g_new0 (VarveUnit, 1);
      *unit = (VarveUnit){
        .file = file,
        .file_name = file->names->pdata[0],
        .is_whole = TRUE,
        .stream_bytes = file->content.size_bytes,
        .content = file->content,
        .hash = file->hash,
        .name = file->names->pdata[0],
      };
      g_ptr_array_add (sources->units, unit);
      sources_add_hash (sources, unit);
      for (guint k = 0; k < file->names->len; k++)
        sources_add_name (sources, file->names->pdata[k], unit);
    }
  sources->n_whole = sources->units->len;
  return sources;
}

void
varve_sources_free (VarveSources *sources)
{
  g_ptr_array_unref (sources->units);
  g_hash_table_unref (sources->by_hash);
  g_hash_table_unref (sources->by_name);
  g_hash_table_unref (sources->seen_inside);
  g_free (sources);
}

static VarveUnit *
sources_add_unit (VarveSources *sources, const VarveUnit *template)
{
  VarveUnit *unit = g_memdup2 (template, sizeof *template);
  g_ptr_array_add (sources->units, unit);
  sources_add_hash (sources, unit);
  return unit;
}

void
varve_sources_add_equal (VarveSources *sources, const VarveImageFile *file, VarveExtent part, guint64 hash)
{
  VarveUnit unit = {
    .file = file,
    .file_name = file->names->pdata[0],
    .name = file->names->pdata[0],
    .at = part.at - file->content.at,
    .stream_bytes = file->content.size_bytes,
    .content = part,
    .hash = hash,
  };
  sources_add_unit (sources, &unit);
}

void
varve_sources_add_role (VarveSources *sources, const VarveImageFile *file, const char *role)
{
  for (guint i = 0; i < sources->n_whole; i++)
    {
      VarveUnit *unit = sources->units->pdata[i];
      if (unit->file == file)
        sources_add_key (sources, g_strdup (role), unit);
    }
}

/* The streams of the levels that enclose a piece, the file first. */
typedef struct {
  VarveDecodeStep steps[VARVE_ANATOMY_DEPTH_MAX];
  guint64 stream_bytes[VARVE_ANATOMY_DEPTH_MAX + 1];
  guint n_steps;
} Levels;

static void
levels_enter (Levels *levels, const VarvePiece *begin)
{
  levels->steps[levels->n_steps++] = (VarveDecodeStep){
    .codec = begin->codec,
    .at = begin->at - begin->header_bytes,
    .size_bytes = begin->content.size_bytes + begin->header_bytes,
  };
  levels->stream_bytes[levels->n_steps] = begin->plain_bytes;
}

/* The names under which a unit inside a file is found. */
static void
sources_add_inside_names (VarveSources *sources, const VarveImageFile *file, const VarvePiece *piece,
                          const VarveAnatomy *anatomy, VarveUnit *unit)
{
  if (piece->name != NULL)
    {
      sources_add_name (sources, piece->name, unit);
      return;
    }
  for (guint k = 0; k < file->names->len; k++)
    sources_add_name (sources, file->names->pdata[k], unit);
  if (anatomy->role != NULL)
    sources_add_key (sources, g_strdup (anatomy->role), unit);
}

void
varve_sources_add_inside (VarveSources *sources, const VarveImageFile *file, const VarveAnatomy *anatomy)
{
  Levels levels = { .stream_bytes = { file->content.size_bytes } };
  g_hash_table_add (sources->seen_inside, (gpointer)file);
  for (guint i = 0; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind == VARVE_PIECE_END)
        {
          levels.n_steps--;
          continue;
        }
      const char *own_name = file->names->pdata[0];
      VarveUnit unit = {
        .file = file,
        .file_name = own_name,
        .n_steps = levels.n_steps,
        .at = piece->at,
        .stream_bytes = levels.stream_bytes[levels.n_steps],
        .content = piece->content,
        .hash = piece->hash,
        .name = piece->name != NULL ? piece->name : own_name,
      };
      memcpy (unit.steps, levels.steps, sizeof unit.steps);
      VarveUnit *added = sources_add_unit (sources, &unit);
      if (piece->kind == VARVE_PIECE_BEGIN)
        levels_enter (&levels, piece); /* its own bytes are found by their content only */
      else
        sources_add_inside_names (sources, file, piece, anatomy, added);
    }
}

const VarveUnit *
varve_sources_find_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes, VarveSourcesKind kind)
{
  HashKey key = { .hash = hash, .size_bytes = size_bytes };
  const VarveUnit *unit = hash != 0 ? g_hash_table_lookup (sources->by_hash, &key) : NULL;
  return unit != NULL && (kind == VARVE_SOURCES_INSIDE || unit->n_steps == 0) ? unit : NULL;
}

gboolean
varve_sources_has_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes)
{
  return varve_sources_find_equal (sources, hash, size_bytes, VARVE_SOURCES_PLAIN) != NULL;
}

/* The number of trailing components whose patterns agree, then whether the last component is the same (of
 * "snd-soc-rt5640.ko" and "snd-soc-rt5645.ko" the pattern is); 1000 more for equal names. */
static guint
names_score (const char *a, const char *b)
{
  g_autofree char *pattern_a = name_pattern (a), *pattern_b = name_pattern (b);
  gsize i = strlen (pattern_a), k = strlen (pattern_b);
  guint score = (strcmp (a, b) == 0 ? 1000 : 0) + (strcmp (base_name (a), base_name (b)) == 0);
  while (i > 1 && k > 1 && pattern_a[i - 1] == pattern_b[k - 1])
    {
      score += pattern_a[i - 1] == '/' ? 2 : 0;
      i--;
      k--;
    }
  return score;
}

typedef struct {
  const VarveSources *sources;
  const VarveWanted *wanted;
  VarveSourcesKind kind;
  const VarveUnit *best;
  guint best_score;
  gboolean best_is_preferred;
  guint64 best_distance;
} Choice;

static gboolean
choice_accepts (const Choice *choice, const VarveUnit *unit)
{
  guint64 a = unit->content.size_bytes, b = choice->wanted->size_bytes;
  if (choice->kind == VARVE_SOURCES_PLAIN)
    return unit->n_steps == 0 && (a / RATIO_MAX <= b && b / RATIO_MAX <= a);
  return a / RATIO_MAX <= b && b / RATIO_MAX <= a
         && !(unit->is_whole && g_hash_table_contains (choice->sources->seen_inside, unit->file));
}

static void
choice_consider (Choice *choice, const VarveUnit *unit, const char *name)
{
  if (!choice_accepts (choice, unit))
    return;
  guint64 a = unit->content.size_bytes, b = choice->wanted->size_bytes;
  guint64 distance = a > b ? a - b : b - a;
  guint score = names_score (unit->name, name);
  gboolean is_preferred = unit->file == choice->wanted->preferred;
  if (choice->best != NULL && score < choice->best_score)
    return;
  if (choice->best != NULL && score == choice->best_score
      && (is_preferred < choice->best_is_preferred
          || (is_preferred == choice->best_is_preferred && distance >= choice->best_distance)))
    return;
  choice->best = unit;
  choice->best_score = score;
  choice->best_is_preferred = is_preferred;
  choice->best_distance = distance;
}

/* Considers all units of a key; takes @key. */
static void
choice_consider_key (Choice *choice, char *key, const char *name)
{
  const GPtrArray *list = g_hash_table_lookup (choice->sources->by_name, key);
  for (guint i = 0; list != NULL && i < MIN (list->len, CANDIDATES_MAX); i++)
    choice_consider (choice, list->pdata[i], name);
  g_free (key);
}

static const VarveUnit *
choice_find_by_name (Choice *choice, const char *name)
{
  choice_consider_key (choice, g_strdup (name), name);
  if (choice->best == NULL)
    choice_consider_key (choice, name_pattern (name), name);
  if (choice->best == NULL)
    choice_consider_key (choice, name_base_pattern (name), name);
  return choice->best;
}

const VarveUnit *
varve_sources_find (const VarveSources *sources, const VarveWanted *wanted, VarveSourcesKind kind)
{
  const VarveUnit *equal = varve_sources_find_equal (sources, wanted->hash, wanted->size_bytes, kind);
  if (equal != NULL)
    return equal;
  Choice choice = { .sources = sources, .wanted = wanted, .kind = kind };
  if (wanted->name != NULL)
    return choice_find_by_name (&choice, wanted->name);
  for (guint i = 0; i < wanted->names->len && choice.best == NULL; i++)
    choice_find_by_name (&choice, wanted->names->pdata[i]);
  if (choice.best == NULL && wanted->role != NULL)
    choice_consider_key (&choice, g_strdup (wanted->role), wanted->role);
  return choice.best;
}

const VarveImageFile *
varve_sources_find_file (const VarveSources *sources, GPtrArray *names, guint64 size_bytes)
{
  VarveWanted wanted = { .names = names, .size_bytes = size_bytes };
  const VarveUnit *unit = varve_sources_find (sources, &wanted, VARVE_SOURCES_PLAIN);
  return unit != NULL ? unit->file : NULL;
}
