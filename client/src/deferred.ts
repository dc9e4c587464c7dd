/** A promise and what settles it. */
export interface Deferred<Result> {
  readonly promise: Promise<Result>
  readonly resolve: (result: Result | PromiseLike<Result>) => void
  readonly reject: (error: unknown) => void
}

/** `Promise.withResolvers`, which Safari before 17.4, Node 20 and React Native do not have. */
export function deferred<Result>(): Deferred<Result> {
  let settle: Omit<Deferred<Result>, 'promise'>
  const promise = new Promise<Result>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle! }
}
