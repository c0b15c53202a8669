import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Banner, Button, CopyButton } from '../design'
import { errors } from '../i18n/it/errors'
import type { Failure } from '../ipc/generated/Failure'
import './failure.css'

/** What happened, what was kept, what to do; the technical code behind *Dettagli*, with a copy button for the help desk. */
export function FailureBanner({ failure, onRetry }: { failure: Failure; onRetry?: () => unknown }) {
  const { t } = useTranslation('frame')
  const [open, setOpen] = useState(false)
  const { happened, kept, todo } = errors[failure.code]
  return (
    <Banner
      boxed
      urgent
      tone="danger"
      title={happened}
      testId={`failure-${failure.code}`}
      action={
        onRetry ? (
          <Button small onPress={onRetry}>
            {t('retry')}
          </Button>
        ) : null
      }
    >
      {kept} {todo} {failure.name ? `${t('withColleague', { name: failure.name })} ` : null}
      {failure.retry_after_s === undefined ? null : `${t('waitSeconds', { count: failure.retry_after_s })} `}
      {failure.detail ? (
        <Button kind="link" expanded={open} onPress={() => setOpen(!open)}>
          {t(open ? 'hideDetails' : 'details')}
        </Button>
      ) : null}
      {open ? (
        <span className="failure-code">
          <span className="mono">{failure.detail}</span>
          <CopyButton text={failure.detail} label={t('copyCode')} done={t('copied')} />
        </span>
      ) : null}
    </Banner>
  )
}
