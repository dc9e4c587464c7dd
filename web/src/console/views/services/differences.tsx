import { servicesTexts as texts } from '../../texts/en/services.ts'
import {
  editedValue,
  eventOf,
  isEdited,
  settings,
  storedValue,
  targetWords,
  valueWords,
  type Edits,
  type Service,
} from './settings.ts'

/** What will change: from what to what, in the order of the page. */
export function Differences({ edits, service }: { readonly edits: Edits; readonly service: Service }) {
  const named = Object.values(settings)
    .flat()
    .filter(({ path }) => isEdited(edits, path))
    .map((setting) => ({
      path: setting.path,
      name: texts.names[setting.path],
      before: valueWords(setting, storedValue(service, setting.path), service),
      after: valueWords(setting, editedValue(edits, service, setting.path), service),
    }))
  const targets = [...edits].flatMap(([path, value]) => {
    const event = eventOf(path)
    if (!event) return []
    return [{ path, name: event, before: targetWords(storedValue(service, path)), after: targetWords(value) }]
  })
  return (
    <span className="differences">
      {[...named, ...targets].map(({ path, name, before, after }) => (
        <span key={path} className="difference">
          <b>{name}</b>
          <s>{before}</s>
          <span>{after}</span>
        </span>
      ))}
    </span>
  )
}
