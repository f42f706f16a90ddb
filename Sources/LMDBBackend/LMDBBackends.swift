// The LMDB backends, compiled with the trait LMDB alone.
