/** What is random in a spec follows from it. `SEED=…` repeats a run; one that fails says its seed. */
export const seed = Number(process.env['SEED'])

/** How often a model spec tries: `RUNS=…` lets it try more than it does in the suite. */
export const runsOf = (usual: number): number => Number(process.env['RUNS'] ?? usual)
