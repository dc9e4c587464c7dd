/** What is random in a spec follows from it. `SEED=…` repeats a run; one that fails says its seed. */
export const seed = Number(process.env['SEED'])
