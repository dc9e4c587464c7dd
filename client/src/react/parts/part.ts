'use client'
import { cloneElement, createElement, isValidElement, type HTMLAttributes, type ReactElement, type Ref } from 'react'

/** What a part gives to the element that it is. */
export type PartProps = HTMLAttributes<HTMLElement> & {
  readonly ref?: Ref<never>
  readonly [data: `data-${string}`]: string | number | undefined
}

export interface PartOptions<State> {
  /**
   * The element to be instead of the part’s own: an element, which gets what the part has, or a function of that and of the part’s state, which
   * must pass all of it on, `ref` included.
   */
  readonly render?: ReactElement | ((props: PartProps, state: State) => ReactElement)
}

/** Options of a part, beside which it takes what its element takes. */
export type Part<State, Own = object> = PartOptions<State> &
  Own &
  Omit<HTMLAttributes<HTMLElement>, keyof PartOptions<State> | keyof Own>

type Handler = (event: { defaultPrevented: boolean }) => void

/** The application’s handlers come first, and keep the part’s from running with `preventDefault()`. Class names and styles add up. */
function merge(own: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...own }
  for (const [name, value] of Object.entries(given)) {
    const before = own[name]
    if (value === undefined) continue
    if (/^on[A-Z]/.test(name) && before) {
      merged[name] = (event: Parameters<Handler>[0]) => {
        ;(value as Handler)(event)
        if (!event.defaultPrevented) (before as Handler)(event)
      }
    } else if (name === 'style') merged[name] = { ...(before as object), ...(value as object) }
    else if (name === 'className' && before) merged[name] = `${before as string} ${value as string}`
    else merged[name] = value
  }
  return merged
}

/** State as attributes: true is an empty one, false and null are none. */
function dataOf(state: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([, value]) => value !== false && value !== null && value !== undefined)
      .map(([name, value]) => [
        `data-${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        value === true ? '' : (value as string | number),
      ]),
  )
}

/** The element of a part: its own tag, or what `render` makes of it. */
export function renderPart<State extends object>(
  tag: string,
  own: object,
  state: State,
  { render, ...given }: PartOptions<State> & object,
): ReactElement {
  const props = merge({ ...own, ...dataOf(state) }, given as Record<string, unknown>)
  if (typeof render === 'function') return render(props as PartProps, state)
  if (isValidElement<Record<string, unknown>>(render)) return cloneElement(render, merge(props, render.props))
  return createElement(tag, props)
}
