import { useRef } from 'react'

/** The list of before while it has the same things. */
export function useSame<Item>(list: readonly Item[]): readonly Item[] {
  const known = useRef(list)
  const isSame = known.current.length === list.length && known.current.every((item, place) => item === list[place])
  if (!isSame) known.current = list
  return known.current
}
