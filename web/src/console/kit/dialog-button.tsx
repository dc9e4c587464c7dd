import { createElement, useEffect, useEffectEvent, useRef, type ComponentType } from 'react'
import { Button } from '../../ui/button.tsx'
import { kitTexts as texts } from '../texts/en/kit.ts'
import { useShowDialog } from './dialogs.tsx'
import { useNotify } from './notices.tsx'
import { loadMissingStyles } from './styles.ts'

/** What every dialog gets of the button that opens it. */
interface DialogProps {
  readonly onClose: () => void
}

/** The code of a dialog is loaded when it is opened. */
type LoadDialog<Props extends DialogProps> = () => Promise<{ readonly default: ComponentType<Props> }>

type Given<Props extends DialogProps> = Omit<Props, 'onClose'>

interface OpenDialog<Props extends DialogProps> {
  /** Loads its code, so that it is here by the time it is opened. */
  readonly prepare: () => void
  /** Opens it. Where its code cannot be loaded, that is said at the foot of the page, and what was written on the page stays. */
  readonly open: (props: Given<Props>) => void
}

/** A dialog that is opened by hand. It keeps what it was opened with: what is read again meanwhile changes neither what it says nor what it does. */
export function useDialog<Props extends DialogProps>(load: LoadDialog<Props>): OpenDialog<Props> {
  const notify = useNotify()
  const show = useShowDialog()
  const loading = useRef<Promise<ComponentType<Props>>>(undefined)
  const isOpening = useRef(false)
  const prepare = (): Promise<ComponentType<Props>> => {
    loading.current ??= loadWhole(load).catch((error: unknown) => {
      loading.current = undefined
      throw error
    })
    return loading.current
  }
  const open = async (props: Given<Props>): Promise<void> => {
    if (isOpening.current) return
    isOpening.current = true
    try {
      const Dialog = await prepare()
      show(createElement(Dialog, { ...props, onClose: () => show(null) } as Props))
    } catch {
      notify(texts.notLoaded, { isProblem: true })
    } finally {
      isOpening.current = false
    }
  }
  return { prepare: () => void prepare().catch(() => {}), open: (props) => void open(props) }
}

async function loadWhole<Props extends DialogProps>(load: LoadDialog<Props>): Promise<ComponentType<Props>> {
  const { default: Dialog } = await load()
  await loadMissingStyles()
  return Dialog
}

/** A button that opens a dialog. */
export function DialogButton<Props extends DialogProps>({
  label,
  kind = 'plain',
  disabled = false,
  isEager = false,
  load,
  props,
}: {
  readonly label: string
  readonly kind?: 'main' | 'plain'
  readonly disabled?: boolean
  /** Loads the code at once: for what saves that which was written on the page. */
  readonly isEager?: boolean
  readonly load: LoadDialog<Props>
  readonly props: Given<Props>
}) {
  const { prepare, open } = useDialog(load)
  const prepareNow = useEffectEvent(prepare)
  useEffect(() => {
    if (isEager) prepareNow()
  }, [isEager])
  return (
    <Button
      kind={kind}
      disabled={disabled}
      aria-haspopup="dialog"
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => open(props)}
    >
      {label}
    </Button>
  )
}
