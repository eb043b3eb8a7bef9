#pragma once

/* Text as the last part of a ref's name, as ostree-ext's refescape.rs has it: ASCII letters, digits and '-' stay; '/'
 * stays between a letter or digit and whatever follows; '_' is doubled; all else is its code point as "_3A_". */
char *varve_ref_escape (const char *text);
