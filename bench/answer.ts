/** JSON of a server: what is read of it is checked by counting, not by its type. */
// oxlint-disable-next-line no-explicit-any
export type Json = any
