import type { ComponentProps } from 'react'
import { Link } from 'wouter'
import { useUrl, type Params } from './url.ts'

/** A link to another view: `<To path="/keys" params={{ open: id }}>`. The chosen service stays. */
export function To({
  path,
  params,
  ...props
}: Omit<ComponentProps<'a'>, 'href' | 'ref'> & { readonly path: string; readonly params?: Params }) {
  const url = useUrl()
  return <Link {...props} href={url.to(path, params)} />
}
