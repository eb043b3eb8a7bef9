/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "publish/publisher.h"

/* Publishes the deltas below options->deltas_path that lead to one of the new images, and where both ways are wanted
 * also those that start from one. The folder is a layout, or has archives, as `varve delta create` writes them, or
 * folders of both. Deltas between other images are left out; a file that is no archive is an error, and so is a folder
 * in which no delta is of use. */
gboolean varve_given_deltas_publish (VarvePublisher *publisher, GError **error) G_GNUC_WARN_UNUSED_RESULT;
