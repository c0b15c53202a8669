import i18next from 'i18next'
import { Component, type ReactNode } from 'react'
import { Button, Empty } from '../design'

type Props = { children: ReactNode /** Changing it clears the fault. */; reset: string }

/** A fault of one screen leaves the frame, the lock and the call standing. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidUpdate(before: Props) {
    if (before.reset !== this.props.reset && this.state.failed) this.setState({ failed: false })
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <Empty
        icon="error"
        tone="danger"
        title={i18next.t('frame:faultTitle' as never)}
        actions={
          <Button kind="primary" onPress={() => this.setState({ failed: false })}>
            {i18next.t('frame:faultAction' as never)}
          </Button>
        }
      >
        {i18next.t('frame:faultText' as never)}
      </Empty>
    )
  }
}
