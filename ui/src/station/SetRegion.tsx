import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, TextField } from '../design'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import { Shell } from '../session/Shell'

/** First use of an installed program: the address of the region comes before anything else. */
export function SetRegion() {
  const { t } = useTranslation(['station', 'session'])
  const [address, setAddress] = useState('https://')
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const valid = /^https:\/\/[^\s/]+/.test(address.trim())
  const save = async () => {
    if (!valid || busy) return
    setBusy(true)
    setFailure(null)
    try {
      await call('station_set_region', { address: address.trim() })
    } catch (refusal) {
      setFailure(toFailure(refusal))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Shell subtitle={t('session:region')} foot={<span>{t('regionFoot')}</span>}>
      <div className="middle">
        <div className="middle-box is-wide">
          <form
            className="ps-card middle-card"
            data-testid="set-region"
            onSubmit={(event) => {
              event.preventDefault()
              void save()
            }}
          >
            <h1>{t('regionTitle')}</h1>
            <p className="t-md mut">{t('regionText')}</p>
            <div className="middle-form">
              {failure ? <FailureBanner failure={failure} /> : null}
              <TextField
                label={t('regionAddress')}
                hint={t('regionHint')}
                value={address}
                onChange={setAddress}
                testId="region-address"
              />
              <div>
                <Button kind="primary" type="submit" busy={busy} disabled={!valid} testId="region-save">
                  {t('regionSave')}
                </Button>
              </div>
            </div>
          </form>
        </div>
      </div>
    </Shell>
  )
}
