import { useEffect, useState, type ComponentType, type ReactNode } from 'react'

/**
 * A component whose code is loaded when it is first shown; `meanwhile` stands in its place until then. Not React’s `lazy`: what has suspended once is
 * shown after a third of a second at the earliest, however fast its code came. Throws what `load` rejects with, for the boundary around it.
 */
export function later<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  meanwhile: ReactNode = null,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined
  return function Later(props: Props) {
    const [problem, setProblem] = useState<{ readonly error: unknown } | null>(null)
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
          if (!isGone) setProblem({ error })
        },
      )
      return () => {
        isGone = true
      }
    }, [isLoaded])
    if (problem) throw problem.error
    return Loaded ? <Loaded {...props} /> : meanwhile
  }
}
