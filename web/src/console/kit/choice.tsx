import { useId } from 'react'
import './choice.css'

/** One of few values, in a form. */
export function Choice({
  label,
  value,
  choices,
  problem,
  onChange,
}: {
  readonly label: string
  readonly value: string
  /** Words by value, in this order. */
  readonly choices: readonly (readonly [value: string, words: string])[]
  readonly problem?: string | undefined
  readonly onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="select"
        value={value}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={({ target }) => onChange(target.value)}
      >
        {choices.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
