/** Shared by the page and the worker, so that the page's bundle does not drag OpenPGP in. */
export const MIN_PASSPHRASE = 8;
