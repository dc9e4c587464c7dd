import { usePathname, useSearch } from './lib/address.ts'
import { parsePlaces, type Places } from './routes.ts'

/** The places that the address names. */
export const usePlaces = (): Places => parsePlaces(usePathname(), useSearch())
