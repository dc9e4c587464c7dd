import { Menu } from 'lucide-react'
import type { ReactNode } from 'react'
import { counted } from '../lib/format.ts'
import { IconButton } from '../ui/button.tsx'
import type { ShownState } from './model.ts'
import './bar.css'

export interface BarProps {
  readonly name: string
  readonly isDirect: boolean
  readonly members: number | null
  readonly online: number | null
  readonly state: ShownState
  /** Whether the device keeps what is shown. */
  readonly isKept: boolean
  /** Stands beside the state: the plug. */
  readonly plug: ReactNode
  /** Stands before the state: what is pinned. */
  readonly pins?: ReactNode
  readonly onMembers?: (() => void) | undefined
  readonly onChannels: () => void
}

/** The head of a chat: which channel, who is in it, how the connection is. */
export function Bar(props: BarProps) {
  const about = [
    props.isDirect || props.members === null ? null : counted(props.members, 'member'),
    props.online === null || props.online === 0 ? null : props.isDirect ? 'online' : `${props.online} online`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
  return (
    <header className="bar">
      <IconButton className="bar-channels" label="Channels" onClick={props.onChannels}>
        <Menu size={18} aria-hidden="true" />
      </IconButton>
      <div className="bar-title">
        <h2 className="bar-name cut">
          <bdi>{props.isDirect || props.name === '' ? props.name : `# ${props.name}`}</bdi>
        </h2>
        {props.onMembers && about !== '' ? (
          <button type="button" className="bar-about cut" onClick={props.onMembers}>
            {about}
          </button>
        ) : (
          <span className="bar-about cut">{about}</span>
        )}
      </div>
      {props.pins}
      <div className="state" data-kind={props.state.kind}>
        <span className="state-dot" aria-hidden="true" />
        <span className="state-text">{props.state.text}</span>
        {!props.isKept && <span className="state-kept">in memory only</span>}
        {props.plug}
      </div>
    </header>
  )
}
