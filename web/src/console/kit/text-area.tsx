import { useId, type ComponentProps, type ReactNode } from 'react'
import './text-area.css'

/** Lines to write in, with their name above, and what is wrong with them and what they are below. */
export function TextArea({
  label,
  problem,
  says,
  ...props
}: ComponentProps<'textarea'> & {
  readonly label: string
  readonly problem?: string | undefined
  readonly says?: ReactNode
}) {
  const id = useId()
  const described = [problem !== undefined && `${id}-problem`, says !== undefined && `${id}-says`].filter(Boolean)
  return (
    <div className="field text-area">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={5}
        {...props}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={described.length > 0 ? described.join(' ') : undefined}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      {says !== undefined && (
        <p id={`${id}-says`} className="text-area-says">
          {says}
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
