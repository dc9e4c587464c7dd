import { Field } from '../../../ui/field.tsx'
import { ExactField } from '../../kit/exact-field.tsx'
import { channelsTexts as texts } from '../../texts/en/channels.ts'

/** The names of a channel. */
export function NameFields({
  name,
  uniqueName,
  hasUniqueName = true,
  problemOf,
  onName,
  onUniqueName,
}: {
  readonly name: string
  readonly uniqueName: string
  /** Direct channels have none. */
  readonly hasUniqueName?: boolean
  readonly problemOf: (field: string) => string | undefined
  readonly onName: (name: string) => void
  readonly onUniqueName: (name: string) => void
}) {
  return (
    <>
      <Field
        label={texts.name}
        autoComplete="off"
        value={name}
        problem={problemOf('friendlyName')}
        onChange={({ target }) => onName(target.value)}
      />
      {hasUniqueName && (
        <div>
          <ExactField
            label={texts.uniqueName}
            value={uniqueName}
            problem={problemOf('uniqueName')}
            onChange={({ target }) => onUniqueName(target.value)}
          />
          <p className="dialog-says">{texts.uniqueNameSays}</p>
        </div>
      )}
    </>
  )
}
