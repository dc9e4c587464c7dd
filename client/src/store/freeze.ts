declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** Bundlers replace `process.env.NODE_ENV`; where nothing does and there is no `process` it counts as production. */
function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production'
  } catch {
    return false
  }
}

/** While one develops, a state that is written to throws at once, instead of showing something else than the server has. */
export function freeze(value: unknown): void {
  if (isDevelopment()) freezeDeeply(value)
}

function freezeDeeply(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freezeDeeply(part)
}
