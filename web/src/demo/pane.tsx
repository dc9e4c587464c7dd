import { useState } from 'react'
import { Bar } from '../chat/bar.tsx'
import { Channels } from '../chat/channels/channels.tsx'
import { Composer } from '../chat/composer/composer.tsx'
import type { Person } from '../chat/model.ts'
import { PaneFrame } from './pane-frame.tsx'

export function Pane({ person, isBehind }: { readonly person: Person; readonly isBehind: boolean }) {
  const [draft, setDraft] = useState('')
  return (
    <PaneFrame
      name={person.name}
      isBehind={isBehind}
      onUse={() => {}}
      side={(close) => (
        <Channels
          viewer={person}
          isOnline={undefined}
          about="this browser"
          channels={[]}
          current={null}
          isRead={false}
          onSearch={() => {}}
          onChoose={close}
        />
      )}
      chat={(open) => (
        <>
          <Bar
            name="general"
            isDirect={false}
            members={null}
            online={null}
            state={{ kind: 'connecting', text: 'connecting' }}
            plug={null}
            onChannels={open}
          />
          <div className="pane-empty" />
          <Composer
            label="Message # general"
            draft={draft}
            onDraft={setDraft}
            onSend={() => {}}
            onTyping={() => {}}
            editing={null}
            onEdit={() => {}}
            onEditEnd={() => {}}
            onEditLast={() => {}}
          />
        </>
      )}
    />
  )
}
