// As the browser has them. Those of `wouter` itself are decoded once already: what reads names from them would decode twice.
export { usePathname, useSearch } from 'wouter/use-browser-location'
