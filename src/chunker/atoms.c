/* SPDX-License-Identifier: Apache-2.0 */
/* Components are ranked once, so that the owner of an object is the least rank among its paths. Objects are then sorted
 * into atoms by counting, in time linear in the paths. */
#include "chunker/atoms.h"

#include <string.h>
#include <sys/stat.h>

#include "chunker/atom-digest.h"
#include "chunker/fixed.h"

enum {
  TAR_BLOCK_BYTES = 512,
  TAR_NAME_BYTES = 100, /* a longer name takes two more blocks */
  /* Of a content object: the entry for its extended attributes, whose name is long, and its own header. */
  OBJECT_BLOCKS = 4,
};

/* Measured on a Debian server at level 6, without files that are compressed already. */
enum { SHRINKS_TO = 4, TAR_ENTRY_SHRUNK_BYTES = 64 };

/* How often files that several components share gain or lose a path: a guess, until builds show it. */
static const guint32 SHARED_PROBABILITY = VARVE_PROBABILITY_ONE / 5;

/* A component with its index, to be ranked. */
typedef struct {
  const VarveComponent *component;
  guint32 index; /* among the components */
} Claim;

static gboolean
is_derived (VarveComponentKind kind)
{
  return kind == VARVE_COMPONENT_INITRAMFS || kind == VARVE_COMPONENT_UKI || kind == VARVE_COMPONENT_PACKAGE_DATABASE
         || kind == VARVE_COMPONENT_GENERATED;
}

static int
compare_claims (gconstpointer a, gconstpointer b)
{
  const Claim *left = a, *right = b;
  gboolean left_new = is_derived (left->component->kind), right_new = is_derived (right->component->kind);
  if (left_new != right_new)
    return left_new ? 1 : -1;
  int order = strcmp (left->component->name, right->component->name);
  return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* All components, in the order in which they get shared objects. */
static GArray *
rank_components (const VarveComponents *components)
{
  GArray *claims = g_array_new (FALSE, FALSE, sizeof (Claim));
  for (guint32 i = 0; i < components->components->len; i++)
    {
      Claim claim = { varve_components_get (components, i), i };
      g_array_append_val (claims, claim);
    }
  g_array_sort (claims, compare_claims);
  return claims;
}

typedef struct {
  const VarveInventory *inventory;
  const VarveComponents *components;
  const VarveParts *parts;
  GArray *claims;
  guint32 *rank_of; /* of each component */
  VarvePlan *plan;
  GHashTable *by_name; /* "component", or "component\nsubtree" -> atom's index + 1; keys owned */
  guint32 *atom_of;    /* of each object */
} Dealer;

static guint32
dealer_atom (Dealer *dealer, const char *component, const char *subtree, VarveComponentKind kind)
{
  g_autofree char *key = subtree != NULL ? g_strconcat (component, "\n", subtree, NULL) : g_strdup (component);
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (dealer->by_name, key));
  if (found > 0)
    return found - 1;
  varve_plan_add_atom (dealer->plan, component, subtree, kind);
  g_hash_table_insert (dealer->by_name, g_steal_pointer (&key), GUINT_TO_POINTER (dealer->plan->atoms->len));
  return dealer->plan->atoms->len - 1;
}

/* The least rank among the object's paths; in @out_file the first path of that rank, in @out_shared whether other paths
 * have another rank. */
static guint32
owner_of (const Dealer *dealer, const VarveObject *object, guint32 *out_file, gboolean *out_shared)
{
  guint32 least = G_MAXUINT32, most = 0;
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = dealer->inventory->files[file].next_file)
    {
      guint32 rank = dealer->rank_of[dealer->components->of_file[file]];
      most = MAX (most, rank);
      if (rank >= least)
        continue;
      least = rank;
      *out_file = file;
    }
  *out_shared = most != least;
  return least;
}

static guint32
atom_of (Dealer *dealer, const VarveObject *object)
{
  guint32 file = object->first_file;
  gboolean is_shared;
  guint32 rank = owner_of (dealer, object, &file, &is_shared);
  if (is_shared && object->size_bytes <= VARVE_ATOM_SHARED_MAX_BYTES)
    return dealer_atom (dealer, VARVE_ATOM_SHARED, NULL, VARVE_COMPONENT_UNOWNED);
  const VarveComponent *owner = g_array_index (dealer->claims, Claim, rank).component;
  const char *path = dealer->inventory->files[file].path;
  const char *subtree = dealer->parts != NULL ? varve_parts_find (dealer->parts, owner->name, path) : NULL;
  return dealer_atom (dealer, owner->name, subtree, owner->kind);
}

static void
dealer_run (Dealer *dealer)
{
  const VarveInventory *inventory = dealer->inventory;
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      dealer->atom_of[i] = atom_of (dealer, &inventory->objects[i]);
      varve_plan_atom (dealer->plan, dealer->atom_of[i])->n_objects++;
    }
  for (guint32 i = 0; i < dealer->plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (dealer->plan, i);
      atom->objects = g_new (guint32, atom->n_objects);
      atom->n_objects = 0;
    }
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      VarveAtom *atom = varve_plan_atom (dealer->plan, dealer->atom_of[i]);
      atom->objects[atom->n_objects++] = i;
    }
}

static guint64
blocks_bytes (guint64 size_bytes)
{
  return varve_saturating_add (size_bytes, TAR_BLOCK_BYTES - 1) / TAR_BLOCK_BYTES * TAR_BLOCK_BYTES;
}

static guint64
header_bytes (const char *name)
{
  guint64 blocks = strlen (name) > TAR_NAME_BYTES ? 3 : 1;
  return blocks * TAR_BLOCK_BYTES;
}

/* Attributes are in the tar twice: as an object of their own, and in the form that other readers of tar know. */
static guint64
object_bytes (const VarveInventory *inventory, const VarveObject *object)
{
  gsize xattrs_bytes = g_bytes_get_size (object->xattrs);
  guint64 bytes = OBJECT_BLOCKS * TAR_BLOCK_BYTES;
  if (xattrs_bytes > 0)
    bytes += 2 * blocks_bytes (xattrs_bytes) + TAR_BLOCK_BYTES;
  if (object->symlink_target != NULL)
    bytes += header_bytes (object->symlink_target) - TAR_BLOCK_BYTES;
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
    bytes += header_bytes (inventory->files[file].path);
  return varve_saturating_add (bytes, blocks_bytes (object->size_bytes));
}

/* Whether the content is compressed already, judged by the name; kernels and initial file systems are. */
static gboolean
is_compressed (const VarveInventory *inventory, const VarveObject *object)
{
  static const char *const ENDS[]
      = { ".gz", ".xz", ".zst", ".bz2", ".lz4", ".png", ".jpg", ".jpeg", ".webp", ".woff2", ".zip", ".jar" };
  const char *path = inventory->files[object->first_file].path, *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  for (guint i = 0; i < G_N_ELEMENTS (ENDS); i++)
    if (g_str_has_suffix (name, ENDS[i]))
      return TRUE;
  return g_str_has_prefix (name, "vmlinuz") || g_str_has_prefix (name, "initramfs")
         || g_str_has_prefix (name, "initrd");
}

/* In a blob. */
static guint64
shrunk_bytes (const VarveInventory *inventory, guint32 index)
{
  const VarveObject *object = &inventory->objects[index];
  guint64 kept = is_compressed (inventory, object) ? object->size_bytes : object->size_bytes / SHRINKS_TO;
  return varve_saturating_add (kept, TAR_ENTRY_SHRUNK_BYTES);
}

static void
measure_atom (VarveAtom *atom, const VarveInventory *inventory)
{
  for (guint32 i = 0; i < atom->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[atom->objects[i]];
      atom->raw_bytes = varve_saturating_add (atom->raw_bytes, object_bytes (inventory, object));
      atom->size_bytes = varve_saturating_add (atom->size_bytes, shrunk_bytes (inventory, atom->objects[i]));
    }
  atom->digest = varve_atom_digest (inventory, atom->objects, atom->n_objects);
}

static void
estimate_churn (VarvePlan *plan, const VarveComponents *components, const VarveAtomsOptions *options)
{
  VarveChurnOptions churn = options->churn;
  gint64 now = varve_churn_reference_time (components, options->now);
  varve_churn_survey (&churn, components, now);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint32 i = 0; i < components->components->len; i++)
    g_hash_table_insert (by_name, varve_components_get (components, i)->name, varve_components_get (components, i));
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      const VarveComponent *component = g_hash_table_lookup (by_name, atom->component);
      atom->probability = component != NULL ? varve_churn_probability (component, now, &churn) : SHARED_PROBABILITY;
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const VarveAtom *left = *(VarveAtom *const *)a, *right = *(VarveAtom *const *)b;
  int order = strcmp (left->name, right->name);
  return order != 0 ? order : varve_digest_compare (&left->digest, &right->digest);
}

VarvePlan *
varve_atoms_new (const VarveInventory *inventory, const VarveComponents *components, const VarveAtomsOptions *options)
{
  g_return_val_if_fail (components->n_files == inventory->n_files, NULL);
  g_autoptr (GArray) claims = rank_components (components);
  g_autoptr (GHashTable) by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree guint32 *rank_of = g_new (guint32, claims->len), *of_object = g_new (guint32, inventory->n_objects);
  for (guint32 rank = 0; rank < claims->len; rank++)
    rank_of[g_array_index (claims, Claim, rank).index] = rank;
  VarvePlan *plan = varve_plan_new ();
  Dealer dealer = { inventory, components, options->parts, claims, rank_of, plan, by_name, of_object };
  dealer_run (&dealer);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    measure_atom (varve_plan_atom (plan, i), inventory);
  estimate_churn (plan, components, options);
  g_ptr_array_sort (plan->atoms, compare_names);
  return plan;
}

guint64
varve_atoms_share (const VarveAtom *atom, const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  unsigned __int128 all = 0, part = 0; /* part <= all */
  if (n_objects == atom->n_objects)
    return atom->size_bytes;
  for (guint32 i = 0; i < atom->n_objects; i++)
    all += shrunk_bytes (inventory, atom->objects[i]);
  for (guint32 i = 0; i < n_objects; i++)
    part += shrunk_bytes (inventory, objects[i]);
  for (; all > G_MAXUINT64; all >>= 1)
    part >>= 1;
  return (guint64)(atom->size_bytes * part / all);
}

/* An object with its atom, to be grouped. */
typedef struct {
  guint32 atom, object;
} Member;

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *left = a, *right = b;
  if (left->atom != right->atom)
    return left->atom < right->atom ? -1 : 1;
  return (left->object > right->object) - (left->object < right->object);
}

VarvePlanLayer *
varve_atoms_add_part (VarvePlan *plan, const VarveInventory *inventory, const guint32 *atom_of, GArray *objects)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (Member));
  for (guint32 i = 0; i < objects->len; i++)
    {
      guint32 object = g_array_index (objects, guint32, i);
      Member member = { atom_of[object], object };
      g_array_append_val (members, member);
    }
  g_array_sort (members, compare_members);
  g_autofree guint32 *in_order = g_new (guint32, MAX (members->len, 1)),
                     *atoms = g_new (guint32, MAX (members->len, 1));
  g_autofree guint64 *shares = g_new (guint64, MAX (members->len, 1));
  guint32 n_atoms = 0;
  for (guint32 i = 0; i < members->len; i++)
    in_order[i] = g_array_index (members, Member, i).object;
  for (guint32 start = 0, end; start < members->len; start = end)
    {
      guint32 atom = g_array_index (members, Member, start).atom;
      for (end = start + 1; end < members->len && g_array_index (members, Member, end).atom == atom; end++)
        continue;
      atoms[n_atoms] = atom;
      shares[n_atoms++] = varve_atoms_share (varve_plan_atom (plan, atom), inventory, in_order + start, end - start);
    }
  return varve_plan_add_part (plan, atoms, shares, n_atoms, objects);
}
