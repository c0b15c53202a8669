import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Card, Checkbox } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import { keyOf, useView } from '../ipc/query'

/** What locks this person's sessions beside five idle minutes and the PC's own lock. */
export function CardLock() {
  const { t } = useTranslation('settings')
  const client = useQueryClient()
  const settings = useView('session_settings', [])
  const { run, failure, busy } = useAction()
  if (!settings.data) return null
  const change = (on: boolean) =>
    run(
      () => call('session_set_card_lock', { on }),
      (answer) => client.setQueryData(keyOf('session_settings'), answer),
    )
  return (
    <Card title={t('lock')} level={3}>
      <div className="ps-card-body">
        {failure ? <FailureBanner failure={failure} /> : null}
        <Checkbox
          checked={settings.data.card_lock}
          disabled={busy}
          testId="card-lock"
          onChange={change}
          hint={t('cardLockHint')}
        >
          {t('cardLock')}
        </Checkbox>
      </div>
    </Card>
  )
}
