/* Components are ranked once, so that the owner of an object is the least rank among its paths; objects are then dealt
 * out by counting, in time linear in paths. */
#include "chunker/atoms.h"

#include <string.h>
#include <sys/stat.h>

static const char DIGEST_FORMAT[] = "varve-atom-1";

enum {
  TAR_BLOCK_BYTES = 512,
  TAR_NAME_BYTES = 100, /* a longer name takes two more blocks */
  /* Of a content object: the entry for its extended attributes, whose name is long, and its own header. */
  OBJECT_BLOCKS = 4,
};

/* A component's claim: what makes it preferable, and the result. */
typedef struct {
  const VarveComponent *component;
  guint32 index; /* among the components */
  guint32 probability;
} Claim;

static int
compare_claims (gconstpointer a, gconstpointer b)
{
  const Claim *left = a, *right = b;
  if (left->probability != right->probability)
    return left->probability < right->probability ? -1 : 1;
  int order = strcmp (left->component->name, right->component->name);
  return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* All components, the preferable first. */
static GArray *
rank_components (const VarveComponents *components, const VarveAtomsOptions *options)
{
  VarveChurnOptions churn = options->churn;
  gint64 now = varve_churn_reference_time (components, options->now);
  varve_churn_pool (&churn, components, now);
  GArray *claims = g_array_new (FALSE, FALSE, sizeof (Claim));
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      Claim claim = { component, i, varve_churn_probability (component, now, &churn) };
      g_array_append_val (claims, claim);
    }
  g_array_sort (claims, compare_claims);
  return claims;
}

/* For each object the rank of its component, and for each rank how many objects it has. */
static guint32 *
assign_objects (const VarveInventory *inventory, const VarveComponents *components, GArray *claims, guint32 *counts)
{
  g_autofree guint32 *rank_of = g_new (guint32, claims->len);
  for (guint32 rank = 0; rank < claims->len; rank++)
    rank_of[g_array_index (claims, Claim, rank).index] = rank;
  guint32 *ranks = g_new (guint32, inventory->n_objects);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      guint32 least = G_MAXUINT32;
      const VarveObject *object = &inventory->objects[i];
      for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
        least = MIN (least, rank_of[components->of_file[file]]);
      ranks[i] = least;
      counts[least]++;
    }
  return ranks;
}

static guint64
saturating_add (guint64 a, guint64 b)
{
  return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}

static guint64
blocks_bytes (guint64 size_bytes)
{
  return saturating_add (size_bytes, TAR_BLOCK_BYTES - 1) / TAR_BLOCK_BYTES * TAR_BLOCK_BYTES;
}

static guint64
header_bytes (const char *name)
{
  guint64 blocks = strlen (name) > TAR_NAME_BYTES ? 3 : 1;
  return blocks * TAR_BLOCK_BYTES;
}

/* Attributes appear twice: as the object's own record, and as what other readers of tar know. */
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
  return saturating_add (bytes, blocks_bytes (object->size_bytes));
}

static void
hash_object (VarveHash *hash, const VarveInventory *inventory, const VarveObject *object)
{
  guint32 n_paths = 0;
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
    n_paths++;
  guint32 n_paths_le = GUINT32_TO_LE (n_paths);
  varve_hash_update (hash, object->checksum.bytes, VARVE_DIGEST_BYTES);
  varve_hash_update (hash, &n_paths_le, sizeof n_paths_le);
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
    varve_hash_update (hash, inventory->files[file].path, strlen (inventory->files[file].path) + 1);
}

static void
describe (VarveAtom *atom, const VarveInventory *inventory)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, DIGEST_FORMAT, sizeof DIGEST_FORMAT);
  for (guint32 i = 0; i < atom->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[atom->objects[i]];
      hash_object (hash, inventory, object);
      atom->raw_bytes = saturating_add (atom->raw_bytes, object_bytes (inventory, object));
    }
  atom->digest = varve_hash_finish (hash);
  atom->size_bytes = atom->raw_bytes;
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
  g_autoptr (GArray) claims = rank_components (components, options);
  g_autofree guint32 *counts = g_new0 (guint32, claims->len);
  g_autofree guint32 *ranks = assign_objects (inventory, components, claims, counts);
  g_autofree VarveAtom **atoms = g_new0 (VarveAtom *, claims->len);
  VarvePlan *plan = varve_plan_new ();
  for (guint32 rank = 0; rank < claims->len; rank++)
    {
      const Claim *claim = &g_array_index (claims, Claim, rank);
      if (counts[rank] == 0)
        continue;
      atoms[rank] = varve_plan_add_atom (plan, claim->component->name, NULL, claim->component->kind);
      atoms[rank]->probability = claim->probability;
      atoms[rank]->objects = g_new (guint32, counts[rank]);
    }
  for (guint32 i = 0; i < inventory->n_objects; i++)
    atoms[ranks[i]]->objects[atoms[ranks[i]]->n_objects++] = i;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    describe (varve_plan_atom (plan, i), inventory);
  g_ptr_array_sort (plan->atoms, compare_names);
  return plan;
}
