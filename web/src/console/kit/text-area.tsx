import { useId, type ComponentProps } from 'react'
import './text-area.css'

/** Lines to write in, with their name above and what is wrong with them below. */
export function TextArea({
  label,
  problem,
  ...props
}: ComponentProps<'textarea'> & { readonly label: string; readonly problem?: string | undefined }) {
  const id = useId()
  return (
    <div className="field text-area">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={5}
        {...props}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

/** The value of JSON text; undefined where it is none. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
