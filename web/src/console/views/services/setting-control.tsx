import { ChevronDown } from 'lucide-react'
import { Switch } from '../../../ui/switch.tsx'
import { SettingField, type ControlProps } from '../../kit/setting-field.tsx'
import { servicesTexts as texts } from '../../texts/en/services.ts'
import { choicesOf, isSame, textOf, valueWords, type Service, type Setting, type Value } from './settings.ts'

export interface SettingControlProps {
  readonly setting: Setting
  readonly service: Service
  /** The events that there are. */
  readonly events: readonly string[]
  readonly value: Value
  readonly isEdited: boolean
  readonly problem: string | undefined
  readonly onChange: (value: Value) => void
}

/** A setting with the control of its kind. */
export function SettingControl(props: SettingControlProps) {
  const { setting, service, value, isEdited, problem } = props
  const { fallback } = setting
  return (
    <SettingField
      name={texts.names[setting.path]}
      description={texts.help[setting.path]}
      fallback={fallback === undefined ? undefined : valueWords(setting, fallback, service)}
      isChanged={fallback !== undefined && !isSame(value, fallback)}
      isEdited={isEdited}
      problem={problem}
    >
      {(control) => <Control {...props} control={control} />}
    </SettingField>
  )
}

function Control({
  setting: { kind, path, roleType },
  service,
  events,
  value,
  onChange,
  control,
}: SettingControlProps & { readonly control: ControlProps }) {
  switch (kind) {
    case 'switch':
      return <Switch {...control} on={value === true} label={texts.names[path]} onChange={onChange} />
    case 'choice':
      return <Choice control={control} value={textOf(value)} choices={choicesOf(path)} onChange={onChange} />
    case 'role': {
      const roles = service.roles.nodes.filter(({ type }) => type === roleType)
      const choices = Object.fromEntries(roles.map(({ id, friendlyName }) => [id, friendlyName]))
      return <Choice control={control} value={textOf(value)} choices={choices} onChange={onChange} />
    }
    case 'number':
      return (
        <input
          {...control}
          type="number"
          value={typeof value === 'number' ? value : ''}
          onChange={({ target }) => onChange(target.value === '' ? null : Math.trunc(Number(target.value)))}
        />
      )
    case 'rate':
      return <RateControl control={control} value={value} onChange={onChange} />
    case 'events':
      return (
        <EventChoice name={texts.names[path]} control={control} events={events} value={value} onChange={onChange} />
      )
    case 'text':
    case 'url':
      return (
        <input
          {...control}
          type={kind}
          value={textOf(value)}
          onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
        />
      )
  }
}

function Choice({
  control,
  value,
  choices,
  onChange,
}: {
  readonly control: ControlProps
  readonly value: string
  readonly choices: Readonly<Record<string, string>>
  readonly onChange: (value: Value) => void
}) {
  return (
    <select {...control} className="select" value={value} onChange={({ target }) => onChange(target.value)}>
      {!(value in choices) && <option value={value}>{value}</option>}
      {Object.entries(choices).map(([choice, word]) => (
        <option key={choice} value={choice}>
          {word}
        </option>
      ))}
    </select>
  )
}

function RateControl({
  control,
  value,
  onChange,
}: {
  readonly control: ControlProps
  readonly value: Value
  readonly onChange: (value: Value) => void
}) {
  const { limit = 0, seconds = 0 } = (value ?? {}) as { readonly limit?: number; readonly seconds?: number }
  return (
    <div className="rate-control">
      <label>
        {texts.rateLimit}
        <input
          {...control}
          type="number"
          min={1}
          value={limit}
          onChange={({ target }) => onChange({ limit: Math.trunc(Number(target.value)), seconds })}
        />
      </label>
      <label>
        {texts.rateSeconds}
        <input
          type="number"
          min={1}
          aria-invalid={control['aria-invalid']}
          value={seconds}
          onChange={({ target }) => onChange({ limit, seconds: Math.trunc(Number(target.value)) })}
        />
      </label>
    </div>
  )
}

function EventChoice({
  name,
  control,
  events,
  value,
  onChange,
}: {
  readonly name: string
  readonly control: ControlProps
  readonly events: readonly string[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}) {
  const chosen = new Set(Array.isArray(value) ? (value as readonly string[]) : [])
  return (
    <details>
      <summary
        id={control.id}
        className="select"
        aria-label={`${name}: ${texts.events(chosen.size)}`}
        aria-describedby={control['aria-describedby']}
      >
        {texts.events(chosen.size)}
        <ChevronDown aria-hidden="true" />
      </summary>
      <div className="event-choice">
        {events.map((event) => (
          <label key={event}>
            <input
              type="checkbox"
              checked={chosen.has(event)}
              onChange={({ target }) =>
                // In the order of the API, so that what is chosen and taken back is no change.
                onChange(events.filter((one) => (one === event ? target.checked : chosen.has(one))))
              }
            />
            {event}
          </label>
        ))}
      </div>
    </details>
  )
}
