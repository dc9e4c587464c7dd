import { useId, type ComponentProps } from 'react'
import './field.css'

/** A line to write in, with its name above and what is wrong with it below. */
export function Field({
  label,
  problem,
  ...props
}: ComponentProps<'input'> & { readonly label: string; readonly problem?: string | undefined }) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
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
