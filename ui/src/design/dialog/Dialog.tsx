import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../icon/Icon'
import './dialog.css'

type Props = {
  /** Repeats the words of the button that opened it. */
  title: string
  children: ReactNode
  footer?: ReactNode
  onClose: () => void
  /** Refused while something that cannot be stopped is going on. */
  closable?: boolean
  size?: 's' | 'm' | 'l'
  onSubmit?: () => void
  testId?: string
}

/**
 * One dialog at a time, over an inert page. It is the browser's own modal dialog, so focus stays inside and goes back
 * where it was; closing it is never the destructive choice.
 */
export function Dialog({ title, children, footer, onClose, closable = true, size = 'm', onSubmit, testId }: Props) {
  const { t } = useTranslation('frame')
  const element = useRef<HTMLDialogElement>(null)
  const before = useRef<Element | null>(null)
  const heading = useId()

  useEffect(() => {
    const dialog = element.current
    if (!dialog) return
    before.current = document.activeElement
    if (!dialog.open) dialog.showModal()
    const wanted =
      dialog.querySelector<HTMLElement>('[data-first-focus]') ?? dialog.querySelector<HTMLElement>('[autofocus]')
    wanted?.focus()
    return () => {
      dialog.close()
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus()
    }
  }, [])

  const body = (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="ps-dialog-body" tabIndex={0} role="group" aria-labelledby={heading}>
        {children}
      </div>
      {footer ? <div className="ps-dialog-foot">{footer}</div> : null}
    </>
  )

  return (
    <dialog
      ref={element}
      className={`ps-dialog is-${size}`}
      aria-labelledby={heading}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault()
        if (closable) onClose()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault()
          event.stopPropagation()
          if (closable) onClose()
        }
      }}
    >
      <div className="ps-dialog-head">
        <h2 id={heading} className="grow">
          {title}
        </h2>
        {closable ? (
          <button
            type="button"
            className="ps-icon-btn"
            aria-label={t('close')}
            onClick={onClose}
            data-testid="dialog-close"
          >
            <Icon name="close-big" />
          </button>
        ) : null}
      </div>
      {onSubmit ? (
        <form
          className="ps-dialog-form"
          onSubmit={(event) => {
            event.preventDefault()
            onSubmit()
          }}
        >
          {body}
        </form>
      ) : (
        body
      )}
    </dialog>
  )
}
