import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog } from '../design'
import type { AttachmentView } from '../ipc/generated/AttachmentView'
import { useView } from '../ipc/query'

/** An attached picture, shown as it came: no measuring, no contrast, nothing diagnostic. */
export function PictureDialog({ file, onClose }: { file: AttachmentView; onClose: () => void }) {
  const { t } = useTranslation(['document', 'frame', 'teleconsult'])
  const content = useView('document_content', [{ document_id: file.id }])
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    if (!content.data) return
    const made = URL.createObjectURL(new Blob([content.data], { type: file.media_type }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [content.data, file.media_type])
  return (
    <Dialog
      title={file.name}
      size="l"
      onClose={onClose}
      testId="picture-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{t('teleconsult:notDiagnostic')}</span>
          <Button kind="primary" onPress={onClose} autoFocus>
            {t('frame:close')}
          </Button>
        </>
      }
    >
      {content.error ? <FailureBanner failure={content.error.failure} onRetry={() => content.refetch()} /> : null}
      {content.isPending ? <p role="status">{t('opening')}</p> : null}
      {address ? <img className="attached-picture" src={address} alt={file.name} /> : null}
    </Dialog>
  )
}
