import type { ComponentProps } from 'react'
import { Field } from '../../ui/field.tsx'

/** A line for what is taken letter by letter, as identities, unique names and SIDs are: the browser corrects and fills in nothing. */
export function ExactField(props: ComponentProps<typeof Field>) {
  return <Field autoComplete="off" autoCapitalize="none" spellCheck={false} {...props} />
}
