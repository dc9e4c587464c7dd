import { useEffect } from 'react'
import { sidPrefix } from './names.ts'
import { useUrl } from './url.ts'

/** Opens what a filter names by its SID, which is the one thing that such a list could have. */
export function useSidFilter(filter: string, prefix: string): void {
  const url = useUrl()
  const text = url.get(filter)
  useEffect(() => {
    if (text !== undefined && sidPrefix(text) === prefix) url.set({ [filter]: null, open: text }, { replace: true })
  }, [filter, prefix, text, url])
}
