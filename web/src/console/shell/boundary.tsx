import { Component, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { shellTexts as texts } from '../texts/en/shell.ts'

/** Shows that a view broke, or could not be loaded, with the way on. */
export class ViewBoundary extends Component<{ readonly children: ReactNode }, { readonly message: string | null }> {
  override state = { message: null }

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <div className="failed" role="alert">
        <p>
          {texts.viewBroke} {this.state.message}
        </p>
        <Button onClick={() => location.reload()}>{texts.loadAgain}</Button>
      </div>
    )
  }
}
