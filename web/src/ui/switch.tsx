import './switch.css'

/** A switch that is on or off; its label says what of. */
export function Switch({
  on,
  label,
  onChange,
  ...props
}: {
  readonly on: boolean
  readonly label: string
  readonly onChange: (on: boolean) => void
  readonly id?: string
  readonly 'aria-describedby'?: string
}) {
  return (
    <button
      {...props}
      type="button"
      role="switch"
      className="switch"
      aria-checked={on}
      aria-label={label}
      onClick={() => onChange(!on)}
    >
      <span className="switch-track">
        <span className="switch-knob" />
      </span>
    </button>
  )
}
