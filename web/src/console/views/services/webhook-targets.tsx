import { useEffect, useId, useRef, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import type { WebhookEvent, WebhookMethod } from '../../generated/types.ts'
import { useProblemInView } from '../../kit/use-problem-in-view.ts'
import { servicesTexts as texts } from '../../texts/en/services.ts'
import {
  eventOf,
  storedValue,
  targetPath,
  targetWords,
  type Edits,
  type Path,
  type Service,
  type Target,
  type Value,
} from './settings.ts'
import './webhook-targets.css'

/** The events that have an address or a method of their own. Like every other setting they are saved with the rest of the page. */
export function WebhookTargets({
  service,
  edits,
  events,
  problem,
  onChange,
}: {
  readonly service: Service
  readonly edits: Edits
  /** The events that there are. */
  readonly events: readonly WebhookEvent[]
  /** What is wrong with one of them, which it names, or with all. */
  readonly problem: string | undefined
  readonly onChange: (path: Path, value: Value) => void
}) {
  const id = useId()
  const select = useRef<HTMLSelectElement>(null)
  const [added, setAdded] = useState<WebhookEvent>()
  const stored = (service.webhooks?.targets ?? []).map(({ event }) => event)
  const written = [...edits.keys()].map(eventOf).filter((event) => event !== undefined)
  const shown = [...new Set([...stored, ...written])]
  const others = events.filter((event) => !shown.includes(event))
  const isNamed = problem !== undefined && written.some((event) => names(problem, event))
  const ofAll = useProblemInView<HTMLParagraphElement>(isNamed ? undefined : problem)
  const set = (event: WebhookEvent, value: Value): void => {
    onChange(targetPath(event), value)
    if (value === null && !stored.includes(event)) select.current?.focus()
  }
  return (
    <div className="setting targets" role="group" aria-labelledby={id} aria-describedby={`${id}-says`}>
      <div className="setting-words">
        <span id={id} className="targets-name">
          {texts.targets}
        </span>
        <p id={`${id}-says`}>{texts.targetsSay}</p>
      </div>
      {shown.length === 0 && <p className="none">{texts.noTargets}</p>}
      {shown.map((event) => (
        <TargetRow
          key={event}
          event={event}
          stored={storedValue(service, targetPath(event)) as Target | null}
          edits={edits}
          problem={problem !== undefined && names(problem, event) ? problem : undefined}
          takesFocus={event === added}
          onChange={(value) => set(event, value)}
        />
      ))}
      {problem !== undefined && !isNamed && (
        <p ref={ofAll} className="problem" role="alert">
          {problem}
        </p>
      )}
      {others.length > 0 && (
        <div className="target-add">
          <label htmlFor={`${id}-event`}>{texts.newTarget}</label>
          <select id={`${id}-event`} ref={select} className="select">
            {others.map((event) => (
              <option key={event}>{event}</option>
            ))}
          </select>
          <Button
            onClick={() => {
              const event = select.current!.value as WebhookEvent
              setAdded(event)
              set(event, {})
            }}
          >
            {texts.addTarget}
          </Button>
        </div>
      )}
    </div>
  )
}

function TargetRow({
  event,
  stored,
  edits,
  problem,
  takesFocus,
  onChange,
}: {
  readonly event: WebhookEvent
  readonly stored: Target | null
  readonly edits: Edits
  readonly problem: string | undefined
  readonly takesFocus: boolean
  readonly onChange: (value: Value) => void
}) {
  const id = useId()
  const edited = edits.get(targetPath(event)) as Target | null | undefined
  const { url = null, method = null } = (edited === undefined ? stored : edited) ?? {}
  const isRemoved = edited === null
  const input = useRef<HTMLInputElement>(null)
  const row = useProblemInView<HTMLDivElement>(problem)
  // It was added to be filled in.
  useEffect(() => {
    if (takesFocus) input.current?.focus()
  }, [takesFocus])
  // Of one that is new, what is not given is left out: the API says then that it has nothing of its own.
  const set = (next: Required<Target>): void =>
    onChange(
      stored
        ? next
        : { ...(next.url !== null && { url: next.url }), ...(next.method !== null && { method: next.method }) },
    )
  return (
    <div ref={row} className="target" data-edited={edited !== undefined || undefined}>
      <code className="target-event">{event}</code>
      {isRemoved ? (
        <p className="target-removed">
          <s>{targetWords(stored)}</s> {texts.removedTarget}
        </p>
      ) : (
        <>
          <select
            className="select"
            aria-label={texts.targetMethod(event)}
            value={method ?? ''}
            onChange={({ target: { value } }) => set({ url, method: value === '' ? null : (value as WebhookMethod) })}
          >
            <option value="">{texts.ownMethod}</option>
            <option value="POST">{texts.choices['webhooks.method'].POST}</option>
            <option value="GET">{texts.choices['webhooks.method'].GET}</option>
          </select>
          <input
            type="url"
            ref={input}
            aria-label={texts.targetUrl(event)}
            aria-invalid={problem !== undefined || undefined}
            aria-describedby={problem === undefined ? undefined : id}
            placeholder={texts.ownUrl}
            value={url ?? ''}
            onChange={({ target: { value } }) => set({ url: value === '' ? null : value, method })}
          />
        </>
      )}
      <Button
        aria-label={isRemoved ? texts.keepTargetOf(event) : texts.removeTargetOf(event)}
        onClick={() => onChange(isRemoved ? ({ ...stored } as Target) : null)}
      >
        {isRemoved ? texts.keepTarget : texts.removeTarget}
      </Button>
      {problem !== undefined && (
        <p id={id} className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

/** The API gives the path of the whole list, and names the event. */
const names = (problem: string, event: WebhookEvent): boolean => new RegExp(`\\b${event}\\b`, 'u').test(problem)
