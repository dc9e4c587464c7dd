import type { RequestError } from './request.ts'

/** What can help where a list could not be read. */
export type WayOut = 'tryAgain' | 'firstPage' | 'clearFilters' | 'defaultService'

/** What the address of a list says. */
export interface ListAddress {
  /** It leads to another page than the first. */
  readonly isPlaced?: boolean
  readonly isFiltered?: boolean
  readonly hasService?: boolean
}

const isOfCursor = ({ field }: RequestError): boolean => field === 'after' || field === 'before'

/** An address that is old, or was written by hand, may have a cursor, a filter or a service that is not possible. */
export function wayOutOf(
  error: RequestError,
  { isPlaced = false, isFiltered = false, hasService = false }: ListAddress,
): WayOut {
  if (error.isLasting && isPlaced && (isOfCursor(error) || !isFiltered)) return 'firstPage'
  const isOfAddress = error.isLasting || error.code === 'NOT_FOUND'
  if (isOfAddress && isFiltered) return 'clearFilters'
  return error.code === 'NOT_FOUND' && hasService ? 'defaultService' : 'tryAgain'
}
