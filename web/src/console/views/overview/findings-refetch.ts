/** How often findings are asked for, in milliseconds: they are looked for once a minute at most. */
export const findingsRefetchMs = 30_000
