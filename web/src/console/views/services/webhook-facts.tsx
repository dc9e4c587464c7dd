import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { SigningSecretDocument } from '../../generated/services.ts'
import { Fact, Facts } from '../../kit/facts.tsx'
import { CopyButton } from '../../kit/sid.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded } from '../../kit/waiting.tsx'
import { servicesTexts as texts } from '../../texts/en/services.ts'

/** What belongs to webhooks and is not set here. */
export function WebhookFacts({ id }: { readonly id: string }) {
  const [isShown, setIsShown] = useState(false)
  return (
    <Facts>
      <Fact name={texts.signingSecret} says={texts.signingSays}>
        {isShown ? <SigningSecret id={id} /> : <Button onClick={() => setIsShown(true)}>{texts.showSecret}</Button>}
      </Fact>
    </Facts>
  )
}

/** Read only when somebody wants to see it. */
function SigningSecret({ id }: { readonly id: string }) {
  const data = useData(SigningSecretDocument, { id })
  return (
    <Loaded from={data}>
      {({ service }) => {
        const secret = service?.webhooks?.signingSecret ?? ''
        return (
          <>
            <code>{secret}</code> <CopyButton text={secret} label={texts.copySecret} />
          </>
        )
      }}
    </Loaded>
  )
}
