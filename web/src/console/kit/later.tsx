import { useEffect, useState, type ComponentType, type ReactNode } from 'react'

/** The code of a component could not be loaded. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
}

/**
 * A component whose code is loaded when it is first shown; `meanwhile` stands in its place until then. Not React’s `lazy`: what has suspended once is
 * shown after a third of a second at the earliest, however fast its code came. Throws LoadError where `load` rejects, for the boundary around it.
 */
export function later<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  meanwhile: ReactNode = null,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined
  return function Later(props: Props) {
    const [problem, setProblem] = useState<LoadError | null>(null)
    const [isLoaded, setIsLoaded] = useState(Loaded !== undefined)
    useEffect(() => {
      if (isLoaded) return
      let isGone = false
      load().then(
        (module) => {
          Loaded = module.default
          if (!isGone) setIsLoaded(true)
        },
        (error: unknown) => {
          if (!isGone) setProblem(new LoadError(String(error), { cause: error }))
        },
      )
      return () => {
        isGone = true
      }
    }, [isLoaded])
    if (problem) throw problem
    return Loaded ? <Loaded {...props} /> : meanwhile
  }
}
