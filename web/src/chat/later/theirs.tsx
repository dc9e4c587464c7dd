import { Button } from '../../ui/button.tsx'
import './theirs.css'

export interface TheirsProps {
  /** What another device has saved. */
  readonly text: string
  readonly onTake: () => void
  readonly onKeep: () => void
}

/** Says that another device has changed the draft meanwhile: neither text is lost, and the user says which is to stay. */
export function Theirs({ text, onTake, onKeep }: TheirsProps) {
  return (
    <div className="theirs" role="status">
      <p className="theirs-says">
        Written meanwhile on another device:
        <q className="theirs-text" dir="auto">
          {text}
        </q>
      </p>
      <p className="theirs-actions">
        <Button onClick={onTake}>Use that</Button>
        <Button onClick={onKeep}>Keep this</Button>
      </p>
    </div>
  )
}
