import { CredentialDocument, DeleteCredentialDocument } from '../../generated/credentials.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Sid } from '../../kit/sid.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { credentialsTexts as texts } from '../../texts/en/credentials.ts'

/** One credential: everything but its secrets. */
export function CredentialDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(CredentialDocument, { id })
  const credential = data.data?.credential
  const name = credential?.friendlyName ?? texts.unnamed
  return (
    <Detail
      title={name}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={
        credential && (
          <ChangeButton
            label={texts.delete}
            document={DeleteCredentialDocument}
            variables={{ input: { credentialId: id } }}
            ask={{ title: texts.deleteTitle(name), says: texts.deleteSays }}
            done={texts.deleted}
            onDone={onClose}
          />
        )
      }
    >
      <Loaded from={data} height="8rem">
        {({ credential: found }) =>
          found ? (
            <Facts>
              <Fact name={texts.columns.type}>{texts.types[found.type]}</Fact>
              {found.sandbox != null && <Fact name={texts.sandbox}>{found.sandbox ? texts.yes : texts.no}</Fact>}
              <Fact name={texts.columns.created}>
                <When at={found.createdAt} />
              </Fact>
              <Fact name={texts.columns.updated}>
                <When at={found.updatedAt} />
              </Fact>
            </Facts>
          ) : (
            <Nothing>{texts.gone}</Nothing>
          )
        }
      </Loaded>
    </Detail>
  )
}
