import { useId, type ReactNode } from 'react'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { useProblemInView } from './use-problem-in-view.ts'
import './setting-field.css'

/** What the control of a setting needs to be read with its name and its words. */
export interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string
  readonly 'aria-invalid': true | undefined
}

/** A setting: its name, what it does, its default, and its control, with a mark where it is not at its default and where it is yet to be saved. */
export function SettingField({
  name,
  description,
  fallback,
  isChanged,
  isEdited,
  problem,
  children,
}: {
  readonly name: string
  /** What it does. */
  readonly description: string
  /** The default, in words. */
  readonly fallback?: string | undefined
  /** Whether the stored value is another than the default. */
  readonly isChanged?: boolean
  /** Whether the value is another than the stored one. */
  readonly isEdited?: boolean
  readonly problem?: string | undefined
  readonly children: (props: ControlProps) => ReactNode
}) {
  const id = useId()
  const field = useProblemInView<HTMLDivElement>(problem)
  return (
    <div ref={field} className="setting" data-edited={isEdited || undefined}>
      <div className="setting-words">
        <label htmlFor={id}>{name}</label>
        {isEdited ? (
          <span className="setting-mark">{texts.edited}</span>
        ) : (
          isChanged && <span className="setting-mark">{texts.notDefault}</span>
        )}
        <p id={`${id}-says`}>
          {description}
          {fallback !== undefined && ` ${texts.defaultIs(fallback)}`}
        </p>
      </div>
      <div className="setting-control">
        {children({
          id,
          'aria-describedby': problem === undefined ? `${id}-says` : `${id}-says ${id}-problem`,
          'aria-invalid': problem === undefined ? undefined : true,
        })}
        {problem !== undefined && (
          <p id={`${id}-problem`} className="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    </div>
  )
}
