<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About LIIF-GAN</source>
        <translation>Über LIIF-GAN</translation>
    </message>
    <message>
        <source>An image upscaler that treats a photo as a continuous function.

BSD-3-Clause. Contains LIIF (Chen, Liu and Wang 2021; BSD-3-Clause), PyTorch (BSD-3-Clause), Qt {0} and PySide6 (LGPL-3.0), NumPy (BSD-3-Clause), OpenCV (Apache-2.0), OpenImageIO (Apache-2.0) and Pillow (MIT-CMU). The licences of models are in the list of models.</source>
        <translation>Vergrößert Bilder, indem es ein Foto als stetige Funktion behandelt.

BSD-3-Clause. Enthält LIIF (Chen, Liu und Wang 2021; BSD-3-Clause), PyTorch (BSD-3-Clause), Qt {0} und PySide6 (LGPL-3.0), NumPy (BSD-3-Clause), OpenCV (Apache-2.0), OpenImageIO (Apache-2.0) und Pillow (MIT-CMU). Die Lizenzen der Modelle stehen in der Liste der Modelle.</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Notices</source>
        <translation>Hinweise</translation>
    </message>
</context>
<context>
    <name>BatchForm</name>
    <message>
        <source>Keep the tree of folders</source>
        <translation>Ordnerstruktur beibehalten</translation>
    </message>
    <message>
        <source>As the photo</source>
        <translation>Wie das Foto</translation>
    </message>
    <message>
        <source>Go on: do what is missing or has changed</source>
        <translation>Weitermachen: Fehlendes und Geändertes</translation>
    </message>
    <message>
        <source>As it is set in the window</source>
        <translation>Wie im Fenster eingestellt</translation>
    </message>
    <message>
        <source>Leave what is there</source>
        <translation>Vorhandenes lassen</translation>
    </message>
    <message>
        <source>Replace what is there</source>
        <translation>Vorhandenes ersetzen</translation>
    </message>
    <message>
        <source>Going on replaces results of this queue whose photo or settings have changed, and no other file. The photos themselves are never replaced.</source>
        <translation>Weitermachen ersetzt Ergebnisse der Stapelliste, deren Foto oder Einstellungen sich geändert haben, und keine andere Datei. Die Fotos selbst werden nie ersetzt.</translation>
    </message>
    <message>
        <source>For JPEG, WebP, AVIF and JPEG XL</source>
        <translation>Für JPEG, WebP, AVIF und JPEG XL</translation>
    </message>
    <message>
        <source>Choose a folder for the results</source>
        <translation>Ordner für die Ergebnisse wählen</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>Detail</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>Ordner für die Ergebnisse</translation>
    </message>
    <message>
        <source>Into</source>
        <translation>Nach</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Results that are there already</source>
        <translation>Vorhandene Ergebnisse</translation>
    </message>
</context>
<context>
    <name>BatchPanel</name>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Progress of the queue</source>
        <translation>Fortschritt der Warteschlange</translation>
    </message>
    <message>
        <source>Stop searching</source>
        <translation>Suche beenden</translation>
    </message>
    <message>
        <source>Photos…</source>
        <translation>Fotos…</translation>
    </message>
    <message>
        <source>Add photos to the queue</source>
        <translation>Fotos in die Liste aufnehmen</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>Add all photos of a folder to the queue</source>
        <translation>Alle Fotos eines Ordners in die Liste aufnehmen</translation>
    </message>
    <message>
        <source>Take the selected photos out of the queue; none: all that are not running</source>
        <translation>Gewählte Fotos aus der Warteschlange nehmen; sind keine gewählt: alle, die nicht laufen</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Free name</source>
        <translation>Freier Name</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Write over the files that are in the way</source>
        <translation>Die Dateien überschreiben, die im Weg sind</translation>
    </message>
    <message>
        <source>Export under a name that nothing has</source>
        <translation>Unter einem Namen exportieren, den noch nichts hat</translation>
    </message>
    <message>
        <source>Show results</source>
        <translation>Ergebnisse zeigen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Searching: {0} photos so far</source>
        <translation>Suche: bisher {0} Fotos</translation>
    </message>
    <message>
        <source>Drop photos and folders here. All get the same rule.</source>
        <translation>Fotos und Ordner hierher ziehen. Für alle gilt dieselbe Regel.</translation>
    </message>
    <message>
        <source>Photos ({0});;All files (*)</source>
        <translation>Fotos ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Fotos hinzufügen</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
</context>
<context>
    <name>BatchTable</name>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
</context>
<context>
    <name>BeforeAfter</name>
    <message>
        <source>A sample before and after</source>
        <translation>Ein Beispiel, vorher und nachher</translation>
    </message>
</context>
<context>
    <name>Closer</name>
    <message>
        <source>Exports are not done</source>
        <translation>Exporte sind nicht fertig</translation>
    </message>
    <message>
        <source>1 export is not done.</source>
        <translation>1 Export ist nicht fertig.</translation>
    </message>
    <message>
        <source>{0} exports are not done.</source>
        <translation>{0} Exporte sind nicht fertig.</translation>
    </message>
    <message>
        <source>They wait in the queue when LIIF-GAN is started again. No half file is left.</source>
        <translation>Sie warten in der Warteschlange, wenn LIIF-GAN wieder gestartet wird. Keine halbe Datei bleibt zurück.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation>Weiterarbeiten</translation>
    </message>
    <message>
        <source>The training is saved first, within 30 s; then the window closes.</source>
        <translation>Erst wird das Training gespeichert, in höchstens 30 s; dann schließt sich das Fenster.</translation>
    </message>
    <message>
        <source>The export is being ended; then the window closes.</source>
        <translation>Der Export wird beendet; dann schließt sich das Fenster.</translation>
    </message>
</context>
<context>
    <name>CompareBar</name>
    <message>
        <source>How to compare</source>
        <translation>Art des Vergleichs</translation>
    </message>
    <message>
        <source>Left picture</source>
        <translation>Linkes Bild</translation>
    </message>
    <message>
        <source>Right picture</source>
        <translation>Rechtes Bild</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>Tauschen</translation>
    </message>
    <message>
        <source>Swap the two pictures (X)</source>
        <translation>Die beiden Bilder tauschen (X)</translation>
    </message>
    <message>
        <source>One picture</source>
        <translation>Ein Bild</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Wipe</source>
        <translation>Wischen</translation>
    </message>
    <message>
        <source>Blink</source>
        <translation>Blinken</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>More models…</source>
        <translation>Weitere Modelle…</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>Last value: {0}</source>
        <translation>Letzter Wert: {0}</translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation>noch nichts</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>Schritt {0}</translation>
    </message>
</context>
<context>
    <name>DefectDialog</name>
    <message>
        <source>Something went wrong that should not</source>
        <translation>Etwas ging schief, das nicht schiefgehen sollte</translation>
    </message>
    <message>
        <source>This is a defect of the program, not your mistake. You can go on, but something may be missing.

Please send the report to whoever gave you the program. It holds no pictures, but may name files and folders.</source>
        <translation>Das ist ein Fehler des Programms, kein Bedienfehler. Es kann weitergehen, aber vielleicht fehlt etwas.

Bitte den Bericht an die Stelle schicken, von der das Programm kommt. Er enthält keine Bilder, nennt aber vielleicht Dateien und Ordner.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>&amp;Copy report</source>
        <translation>Bericht &amp;kopieren</translation>
    </message>
    <message>
        <source>Open &amp;log</source>
        <translation>Proto&amp;koll öffnen</translation>
    </message>
</context>
<context>
    <name>DetailSection</name>
    <message>
        <source>Detail strength</source>
        <translation>Stärke der Details</translation>
    </message>
    <message>
        <source>Show what was invented</source>
        <translation>Erfundenes zeigen</translation>
    </message>
    <message>
        <source>This model invents nothing: there is no detail to set.</source>
        <translation>Dieses Modell erfindet nichts: Es gibt keine Details einzustellen.</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>Detail</translation>
    </message>
    <message>
        <source>A double click sets {0} again</source>
        <translation>Ein Doppelklick setzt wieder {0}</translation>
    </message>
    <message>
        <source>Show how much the detail layer changed (I)</source>
        <translation>Zeigt, wie viel die Detailschicht verändert hat (I)</translation>
    </message>
    <message>
        <source>None of the pictures shown comes from a model with a detail layer</source>
        <translation>Keines der gezeigten Bilder stammt von einem Modell mit Detailschicht</translation>
    </message>
</context>
<context>
    <name>ExportNotice</name>
    <message>
        <source>Progress of the exports</source>
        <translation>Fortschritt der Exporte</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Copy result</source>
        <translation>Ergebnis kopieren</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Export under a free name</source>
        <translation>Unter einem freien Namen exportieren</translation>
    </message>
    <message>
        <source>Show queue</source>
        <translation>Warteschlange zeigen</translation>
    </message>
    <message>
        <source>Close the message</source>
        <translation>Meldung schließen</translation>
    </message>
    <message>
        <source>{0} more</source>
        <translation>{0} weitere</translation>
    </message>
    <message>
        <source>{0} left in all</source>
        <translation>insgesamt noch {0}</translation>
    </message>
    <message>
        <source>{0} to do</source>
        <translation>{0} zu tun</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>1 export of last time is not done.</source>
        <translation>1 Export vom letzten Mal ist nicht fertig.</translation>
    </message>
    <message>
        <source>{0} exports of last time are not done.</source>
        <translation>{0} Exporte vom letzten Mal sind nicht fertig.</translation>
    </message>
    <message>
        <source>Export as “{0}”</source>
        <translation>Als „{0}“ exportieren</translation>
    </message>
</context>
<context>
    <name>ExportQueue</name>
    <message>
        <source>picture</source>
        <translation>Bild</translation>
    </message>
</context>
<context>
    <name>ExportSection</name>
    <message>
        <source>Keep the photo&apos;s data (EXIF, XMP)</source>
        <translation>Daten des Fotos behalten (EXIF, XMP)</translation>
    </message>
    <message>
        <source>The colour profile is kept in any case</source>
        <translation>Das Farbprofil bleibt in jedem Fall erhalten</translation>
    </message>
    <message>
        <source>Name LIIF-GAN in the file</source>
        <translation>LIIF-GAN in der Datei nennen</translation>
    </message>
    <message>
        <source>More options</source>
        <translation>Weitere Optionen</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>File name without ending; in braces: {0}</source>
        <translation>Dateiname ohne Endung; in Klammern: {0}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Bit depth</source>
        <translation>Farbtiefe</translation>
    </message>
    <message>
        <source>Subfolder</source>
        <translation>Unterordner</translation>
    </message>
    <message>
        <source>File name</source>
        <translation>Dateiname</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Quality, 1 to 100</source>
        <translation>Qualität, 1 bis 100</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>Ordner für die Ergebnisse</translation>
    </message>
    <message>
        <source>As the photo</source>
        <translation>Wie das Foto</translation>
    </message>
    <message>
        <source>{0} bits</source>
        <translation>{0} Bit</translation>
    </message>
    <message>
        <source>Beside the photo</source>
        <translation>Neben dem Foto</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Auswählen…</translation>
    </message>
</context>
<context>
    <name>Filmstrip</name>
    <message>
        <source>Previous photo</source>
        <translation>Voriges Foto</translation>
    </message>
    <message>
        <source>Previous photo (Alt+Left)</source>
        <translation>Voriges Foto (Alt+Links)</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>Nächstes Foto</translation>
    </message>
    <message>
        <source>Next photo (Alt+Right)</source>
        <translation>Nächstes Foto (Alt+Rechts)</translation>
    </message>
    <message>
        <source>Export all with these settings…</source>
        <translation>Alle mit diesen Einstellungen exportieren…</translation>
    </message>
    <message>
        <source>Put all photos of the strip into the batch queue, with this model and detail</source>
        <translation>Alle Fotos des Streifens in die Stapelliste geben, mit diesem Modell und diesen Details</translation>
    </message>
    <message>
        <source>Photos that were opened together</source>
        <translation>Gemeinsam geöffnete Fotos</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>ImageCanvas</name>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>The photo at the present zoom. Arrow keys move it, plus and minus zoom, and the space bar shows the original for as long as it is held.</source>
        <translation>Das Foto im jetzigen Zoom. Pfeiltasten verschieben es, Plus und Minus zoomen, und die Leertaste zeigt das Original, solange sie gehalten wird.</translation>
    </message>
    <message>
        <source>Photo {0}</source>
        <translation>Foto {0}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Photos ({0});;All files (*)</source>
        <translation>Fotos ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a photo</source>
        <translation>Foto öffnen</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copied as a preview; copy again when it is final</source>
        <translation>Als Vorschau kopiert; noch einmal kopieren, wenn das Bild fertig ist</translation>
    </message>
    <message>
        <source>No model is installed. Install LIIF-GAN again, which brings some.</source>
        <translation>Es ist kein Modell installiert. LIIF-GAN neu installieren; es bringt welche mit.</translation>
    </message>
</context>
<context>
    <name>MaskPanel</name>
    <message>
        <source>What the mouse makes</source>
        <translation>Was die Maus macht</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Paint strokes</source>
        <translation>Striche malen</translation>
    </message>
    <message>
        <source>Graduated</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Drag from full to none</source>
        <translation>Von voller Wirkung bis zu keiner ziehen</translation>
    </message>
    <message>
        <source>Radial</source>
        <translation>Radial</translation>
    </message>
    <message>
        <source>Drag from the middle outwards</source>
        <translation>Von der Mitte nach außen ziehen</translation>
    </message>
    <message>
        <source>What it does to the detail</source>
        <translation>Was mit den Details geschieht</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>Weniger</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>To a value</source>
        <translation>Auf Wert</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Diameter in the photo&apos;s pixels ([ and ])</source>
        <translation>Durchmesser in Pixeln des Fotos ([ und ])</translation>
    </message>
    <message>
        <source>Hardness</source>
        <translation>Härte</translation>
    </message>
    <message>
        <source>Part of the brush with the full effect (Shift+[ and ])</source>
        <translation>Teil des Pinsels mit voller Wirkung (Umschalt+[ und ])</translation>
    </message>
    <message>
        <source>Feather</source>
        <translation>Weichheit</translation>
    </message>
    <message>
        <source>How far the edge fades beyond the brush</source>
        <translation>Wie weit der Rand über den Pinsel hinaus ausläuft</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Menge</translation>
    </message>
    <message>
        <source>How much one stroke changes</source>
        <translation>Wie viel ein Strich ändert</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>The strength to paint, 0 to 1.5</source>
        <translation>Die gemalte Stärke, 0 bis 1,5</translation>
    </message>
    <message>
        <source>Show the mask (O)</source>
        <translation>Maske zeigen (O)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo (Ctrl+Z)</source>
        <translation>Rückgängig (Strg+Z)</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Redo (Ctrl+Shift+Z)</source>
        <translation>Wiederholen (Strg+Umschalt+Z)</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllen</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>Umkehren</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Start from the photo</source>
        <translation>Vom Foto ausgehen</translation>
    </message>
    <message>
        <source>Calm areas less</source>
        <translation>Ruhige Flächen weniger</translation>
    </message>
    <message>
        <source>Text and line art less</source>
        <translation>Text und Strichzeichnung weniger</translation>
    </message>
    <message>
        <source>Save edit</source>
        <translation>Bearbeitung speichern</translation>
    </message>
    <message>
        <source>None of the pictures shown comes from a model with a detail layer, so the mask changes nothing that is seen.</source>
        <translation>Keines der gezeigten Bilder stammt von einem Modell mit Detailschicht, also ändert die Maske nichts, was man sieht.</translation>
    </message>
    <message>
        <source>Where the mask is 0, the photo stays as it was taken; 1 is cleaned.</source>
        <translation>Wo die Maske 0 ist, bleibt das Foto, wie es aufgenommen wurde; 1 ist gereinigt.</translation>
    </message>
    <message>
        <source>The detail at a place is the Detail slider times the mask.</source>
        <translation>Das Detail an einer Stelle ist der Regler „Detail“ mal der Maske.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Close the message</source>
        <translation>Meldung schließen</translation>
    </message>
    <message>
        <source>Close the message (Esc)</source>
        <translation>Meldung schließen (Esc)</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>{0} reads a network that this version does not know</source>
        <translation>{0} liest ein Netz, das diese Version nicht kennt</translation>
    </message>
</context>
<context>
    <name>ModelSection</name>
    <message>
        <source>More…</source>
        <translation>Mehr…</translation>
    </message>
    <message>
        <source>Draw the small pictures of slow models</source>
        <translation>Kleine Bilder langsamer Modelle zeichnen</translation>
    </message>
    <message>
        <source>It takes seconds</source>
        <translation>Das dauert Sekunden</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Technical name, card and licence of the chosen model</source>
        <translation>Technischer Name, Karte und Lizenz des gewählten Modells</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Installed models</source>
        <translation>Installierte Modelle</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren…</translation>
    </message>
    <message>
        <source>A weights file (.safetensors) or a LIIF checkpoint (.pth)</source>
        <translation>Eine Gewichtsdatei (.safetensors) oder ein LIIF-Checkpoint (.pth)</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Checking {0}…</source>
        <translation>{0} wird geprüft…</translation>
    </message>
    <message>
        <source>{0} is removed.</source>
        <translation>{0} ist entfernt.</translation>
    </message>
    <message>
        <source>{0} is installed.</source>
        <translation>{0} ist installiert.</translation>
    </message>
    <message>
        <source>Models ({0});;All files (*)</source>
        <translation>Modelle ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Import a model</source>
        <translation>Modell importieren</translation>
    </message>
    <message>
        <source>Delete {0} from this computer?</source>
        <translation>{0} von diesem Computer löschen?</translation>
    </message>
    <message>
        <source>Remove a model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <source>No model is installed. Install LIIF-GAN again, which brings some.</source>
        <translation>Es ist kein Modell installiert. LIIF-GAN neu installieren; es bringt welche mit.</translation>
    </message>
    <message>
        <source>This model came with the app</source>
        <translation>Dieses Modell gehört zur Anwendung</translation>
    </message>
</context>
<context>
    <name>NameQuestion</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>“{0}” is there already.</source>
        <translation>„{0}“ gibt es schon.</translation>
    </message>
    <message>
        <source>In the folder {0}</source>
        <translation>Im Ordner {0}</translation>
    </message>
    <message>
        <source>Export as “{0}”</source>
        <translation>Als „{0}“ exportieren</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
</context>
<context>
    <name>NetworkRow</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Progress of the download</source>
        <translation>Fortschritt beim Herunterladen</translation>
    </message>
    <message>
        <source>Download, {0}</source>
        <translation>Herunterladen, {0}</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>Reads the network {0}. Licence: {1}</source>
        <translation>Liest das Netz {0}. Lizenz: {1}</translation>
    </message>
</context>
<context>
    <name>NumberField</name>
    <message>
        <source>{0} to {1}</source>
        <translation>{0} bis {1}</translation>
    </message>
</context>
<context>
    <name>Opener</name>
    <message>
        <source>{0} holds no photo that can be read; drop {1}.</source>
        <translation>{0} enthält kein lesbares Foto; lesbar sind {1}.</translation>
    </message>
    <message>
        <source>There is no picture in it; copy or drop an image.</source>
        <translation>Darin ist kein Bild; bitte ein Bild kopieren oder hierher ziehen.</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>Eingefügtes Bild</translation>
    </message>
    <message>
        <source>The browser gave only the picture&apos;s address. Copy the picture itself there and paste it here, or save it and drop the file.</source>
        <translation>Der Browser hat nur die Adresse des Bildes übergeben. Dort das Bild selbst kopieren und hier einfügen, oder es speichern und die Datei hierher ziehen.</translation>
    </message>
    <message>
        <source>There is no picture here; copy or drop an image file or a picture.</source>
        <translation>Hier ist kein Bild; bitte eine Bilddatei oder ein Bild kopieren oder hierher ziehen.</translation>
    </message>
</context>
<context>
    <name>PhotoFinder</name>
    <message>
        <source>These folders may not be read; check their permissions: {0}</source>
        <translation>Diese Ordner dürfen nicht gelesen werden; bitte die Rechte prüfen: {0}</translation>
    </message>
    <message>
        <source>There is no photo that can be read in it.</source>
        <translation>Darin ist kein Foto, das gelesen werden kann.</translation>
    </message>
</context>
<context>
    <name>QueueView</name>
    <message>
        <source>Photos of the queue</source>
        <translation>Fotos der Warteschlange</translation>
    </message>
    <message>
        <source>Show in the window</source>
        <translation>Im Fenster zeigen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Export under a free name</source>
        <translation>Unter einem freien Namen exportieren</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>RenderWorker</name>
    <message>
        <source>Rendering failed: {0}. Choose another model or device.</source>
        <translation>Das Bild konnte nicht berechnet werden: {0}. Bitte ein anderes Modell oder Gerät wählen.</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Automatic: the fastest safe one</source>
        <translation>Automatisch: die schnellste sichere</translation>
    </message>
    <message>
        <source>fp32: exact</source>
        <translation>fp32: exakt</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Memory for the photo</source>
        <translation>Speicher für das Foto</translation>
    </message>
    <message>
        <source>What is kept to show parts again at once; photos of any size work with any</source>
        <translation>Was aufbewahrt wird, um Teile sofort wieder zu zeigen; Fotos jeder Größe gehen mit jedem Wert</translation>
    </message>
    <message>
        <source>automatic: halved when memory runs out</source>
        <translation>automatisch: halbiert, wenn der Speicher ausgeht</translation>
    </message>
    <message>
        <source>Automatic: a fast model if there is no fast GPU</source>
        <translation>Automatisch: ein schnelles Modell, wenn keine schnelle GPU da ist</translation>
    </message>
    <message>
        <source>A fast model draws the view while it moves; exports always take the chosen one</source>
        <translation>Ein schnelles Modell zeichnet die Ansicht, solange sie sich bewegt; Exporte nehmen immer das gewählte</translation>
    </message>
    <message>
        <source>A fast model, then the chosen one</source>
        <translation>Ein schnelles Modell, dann das gewählte</translation>
    </message>
    <message>
        <source>Memory for exports</source>
        <translation>Speicher für Exporte</translation>
    </message>
    <message>
        <source>What reading and exporting a photo may take, in the queue too</source>
        <translation>So viel dürfen Lesen und Exportieren eines Fotos belegen, auch in der Warteschlange</translation>
    </message>
    <message>
        <source> MP</source>
        <translation> MP</translation>
    </message>
    <message>
        <source>Largest photo</source>
        <translation>Größtes Foto</translation>
    </message>
    <message>
        <source>Files that say they are larger are not read: damaged ones may say anything</source>
        <translation>Dateien mit größeren Angaben werden nicht gelesen: In beschädigten kann alles stehen</translation>
    </message>
    <message>
        <source>Only the chosen model</source>
        <translation>Nur das gewählte Modell</translation>
    </message>
    <message>
        <source>While zooming</source>
        <translation>Beim Zoomen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>The language changes when the app is started again.</source>
        <translation>Die Sprache ändert sich beim nächsten Start der Anwendung.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Rendering</source>
        <translation>Berechnung</translation>
    </message>
    <message>
        <source>Size of tiles</source>
        <translation>Größe der Kacheln</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Export {0}…</source>
        <translation>{0} exportieren…</translation>
    </message>
    <message>
        <source>about {0}</source>
        <translation>etwa {0}</translation>
    </message>
    <message>
        <source>{0} was trained up to ×{1}; beyond that results only get smoother.</source>
        <translation>{0} wurde bis ×{1} trainiert; darüber werden Ergebnisse nur glatter.</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>Bild</translation>
    </message>
</context>
<context>
    <name>SidecarKeeper</name>
    <message>
        <source>A picture without a file has no place to keep its edit.</source>
        <translation>Ein Bild ohne Datei hat keinen Ort für seine Bearbeitung.</translation>
    </message>
    <message>
        <source>Saved as {0}</source>
        <translation>Gespeichert als {0}</translation>
    </message>
    <message>
        <source>Will be saved as {0}</source>
        <translation>Wird gespeichert als {0}</translation>
    </message>
    <message>
        <source>Will be saved as {0} once you have painted</source>
        <translation>Wird als {0} gespeichert, sobald Sie gemalt haben</translation>
    </message>
</context>
<context>
    <name>SizePanel</name>
    <message>
        <source>Size rule</source>
        <translation>Größenregel</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Höhe</translation>
    </message>
    <message>
        <source>Paper</source>
        <translation>Papier</translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation>Punkte pro Zoll</translation>
    </message>
    <message>
        <source>Factor</source>
        <translation>Faktor</translation>
    </message>
    <message>
        <source>Long edge</source>
        <translation>Lange Kante</translation>
    </message>
    <message>
        <source>Short edge</source>
        <translation>Kurze Kante</translation>
    </message>
    <message>
        <source>Fit into</source>
        <translation>Einpassen in</translation>
    </message>
    <message>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <source>Exact size</source>
        <translation>Genaue Größe</translation>
    </message>
    <message>
        <source>Megapixels</source>
        <translation>Megapixel</translation>
    </message>
</context>
<context>
    <name>SizeSection</name>
    <message>
        <source>Usual sizes</source>
        <translation>Übliche Größen</translation>
    </message>
    <message>
        <source>The long edge has {0} pixels</source>
        <translation>Die lange Kante hat {0} Pixel</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>Druck</translation>
    </message>
    <message>
        <source>On paper, at 300 dots per inch</source>
        <translation>Auf Papier, mit 300 Punkten je Zoll</translation>
    </message>
    <message>
        <source>Own sizes</source>
        <translation>Eigene Größen</translation>
    </message>
    <message>
        <source>Sizes that you have saved</source>
        <translation>Größen, die Sie gesichert haben</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Save this size</source>
        <translation>Diese Größe sichern</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>{0} pixels, {1} MP</source>
        <translation>{0} Pixel, {1} MP</translation>
    </message>
    <message>
        <source>Save this size…</source>
        <translation>Diese Größe sichern…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>StatusRow</name>
    <message>
        <source>Pixels of the photo, and of all of it at this zoom</source>
        <translation>Pixel des Fotos, und des ganzen in diesem Zoom</translation>
    </message>
    <message>
        <source>Rendering</source>
        <translation>Wird berechnet</translation>
    </message>
    <message>
        <source>Show the original</source>
        <translation>Original zeigen</translation>
    </message>
    <message>
        <source>Hold to see the original; so does the space bar, or the mouse held still</source>
        <translation>Gedrückt halten, um das Original zu sehen; auch mit der Leertaste oder der ruhig gehaltenen Maustaste</translation>
    </message>
</context>
<context>
    <name>Task</name>
    <message>
        <source>Something went wrong that should not: {0}</source>
        <translation>Etwas ging schief, das nicht schiefgehen sollte: {0}</translation>
    </message>
</context>
<context>
    <name>TourBar</name>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>End the tour</source>
        <translation>Tour beenden</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>This photo has 320 × 240 pixels. Turn the mouse wheel over it: there is no fixed factor, any zoom from × 0.02 to × 32 is rendered anew.</source>
        <translation>Dieses Foto hat 320 × 240 Pixel. Das Mausrad darüber drehen: Es gibt keinen festen Faktor, jeder Zoom von × 0,02 bis × 32 wird neu berechnet.</translation>
    </message>
    <message>
        <source>The same photo at × 6.5. Only what you see is rendered, the middle first. Drag to move; 0 shows the whole photo again.</source>
        <translation>Dasselbe Foto bei × 6,5. Berechnet wird nur, was zu sehen ist, die Mitte zuerst. Ziehen verschiebt; 0 zeigt wieder das ganze Foto.</translation>
    </message>
    <message>
        <source>Wipe: left of the line the photo&apos;s own pixels, right of it the model. Drag the line. The keys 1 to 5 choose how to compare.</source>
        <translation>Wischen: links der Linie die Pixel des Fotos, rechts das Modell. Die Linie lässt sich ziehen. Die Tasten 1 bis 5 wählen die Art des Vergleichs.</translation>
    </message>
    <message>
        <source>Side by side, always in step: bicubic on the left, the model on the right. The lists above choose any two.</source>
        <translation>Nebeneinander, immer im Gleichschritt: links bikubisch, rechts das Modell. Die Listen darüber wählen zwei beliebige.</translation>
    </message>
    <message>
        <source>The Detail slider blends from faithful structure (0) to the model&apos;s result (1) at once. The colours show how much was invented, and where.</source>
        <translation>Der Regler „Detail“ blendet sofort von der treuen Struktur (0) zum Ergebnis des Modells (1). Die Farben zeigen, wie viel erfunden wurde, und wo.</translation>
    </message>
    <message>
        <source>Export writes exactly what you saw, at any factor, size or paper. The queue under Tools does the same for whole folders.</source>
        <translation>Der Export schreibt genau, was zu sehen war, mit jedem Faktor, in jeder Größe und für jedes Papier. Die Stapelliste unter „Werkzeuge“ tut dasselbe für ganze Ordner.</translation>
    </message>
</context>
<context>
    <name>TrainerPanel</name>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Progress of the training</source>
        <translation>Fortschritt des Trainings</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Saves after the present step; it can go on another day</source>
        <translation>Speichert nach dem jetzigen Schritt; es kann an einem anderen Tag weitergehen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Ends here and puts the model so far into the list of models</source>
        <translation>Endet hier und nimmt das Modell, wie es jetzt ist, in die Liste der Modelle auf</translation>
    </message>
    <message>
        <source>Train a model on photos of your own kind. It runs beside the app and can be paused for days.</source>
        <translation>Ein Modell mit eigenen Fotos trainieren. Das läuft neben der Anwendung und kann tagelang ruhen.</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>Neuer Lauf</translation>
    </message>
    <message>
        <source>Run {0}</source>
        <translation>Lauf {0}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Preparing: reading the photos…</source>
        <translation>Vorbereitung: Fotos werden gelesen…</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>Saving after this step…</source>
        <translation>Wird nach diesem Schritt gespeichert…</translation>
    </message>
    <message>
        <source>Paused after {0} steps</source>
        <translation>Angehalten nach {0} Schritten</translation>
    </message>
    <message>
        <source>Done: {0} is in the list of models</source>
        <translation>Fertig: {0} ist in der Liste der Modelle</translation>
    </message>
</context>
<context>
    <name>TrainingForm</name>
    <message>
        <source>Choose a folder of sharp, large photos</source>
        <translation>Ordner mit scharfen, großen Fotos wählen</translation>
    </message>
    <message>
        <source>as the recipe</source>
        <translation>wie das Rezept</translation>
    </message>
    <message>
        <source> steps</source>
        <translation> Schritte</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source> minutes</source>
        <translation> Minuten</translation>
    </message>
    <message>
        <source>After this time the model so far is delivered; the run can go on later</source>
        <translation>Nach dieser Zeit wird das Modell, wie es dann ist, geliefert; der Lauf kann später weitergehen</translation>
    </message>
    <message>
        <source>Looking at the photos…</source>
        <translation>Fotos werden angesehen…</translation>
    </message>
    <message>
        <source>{0} of {1} photos can be used.</source>
        <translation>{0} von {1} Fotos sind verwendbar.</translation>
    </message>
    <message>
        <source>The recipe needs at least {0} beside those for validation.</source>
        <translation>Das Rezept braucht mindestens {0}, dazu welche zum Prüfen.</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen…</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>Beginnen mit</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Folder of photos</source>
        <translation>Ordner mit Fotos</translation>
    </message>
    <message>
        <source>Photos that cannot be used</source>
        <translation>Nicht verwendbare Fotos</translation>
    </message>
    <message>
        <source>Name of the new model</source>
        <translation>Name des neuen Modells</translation>
    </message>
    <message>
        <source>{0} steps.</source>
        <translation>{0} Schritte.</translation>
    </message>
    <message>
        <source>Photos need {0} pixels a side at least.</source>
        <translation>Fotos brauchen mindestens {0} Pixel je Seite.</translation>
    </message>
    <message>
        <source>As the recipe</source>
        <translation>Wie das Rezept</translation>
    </message>
</context>
<context>
    <name>TrainingRun</name>
    <message>
        <source>The run {0} has other photos or another recipe; choose another name</source>
        <translation>Der Lauf {0} hat andere Fotos oder ein anderes Rezept; wählen Sie einen anderen Namen</translation>
    </message>
    <message>
        <source>The training ended unexpectedly.</source>
        <translation>Das Training endete unerwartet.</translation>
    </message>
    <message>
        <source>The trainer cannot be started: {0}</source>
        <translation>Das Training kann nicht gestartet werden: {0}</translation>
    </message>
</context>
<context>
    <name>TrainingView</name>
    <message>
        <source>Loss that is shown</source>
        <translation>Gezeigter Verlust</translation>
    </message>
    <message>
        <source>Measure that is shown</source>
        <translation>Gezeigtes Maß</translation>
    </message>
    <message>
        <source>Validation crop</source>
        <translation>Prüfausschnitt</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>This run</source>
        <translation>Dieser Lauf</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>Struktur</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>After {0} steps</source>
        <translation>Nach {0} Schritten</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>Choose a photo…</source>
        <translation>Foto wählen…</translation>
    </message>
    <message>
        <source>Take a short tour</source>
        <translation>Kurze Tour</translation>
    </message>
    <message>
        <source>Sample {0}</source>
        <translation>Beispiel {0}</translation>
    </message>
    <message>
        <source>Recent photos</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Samples to try</source>
        <translation>Beispiele zum Ausprobieren</translation>
    </message>
    <message>
        <source>Open the sample {0}</source>
        <translation>Das Beispiel {0} öffnen</translation>
    </message>
    <message>
        <source>Drop a photo or a folder</source>
        <translation>Ein Foto oder einen Ordner hierher ziehen</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>Open the picture or the file in the clipboard (Ctrl+V)</source>
        <translation>Bild oder Datei aus der Zwischenablage öffnen (Strg+V)</translation>
    </message>
</context>
<context>
    <name>WipeHandle</name>
    <message>
        <source>Line between the two pictures</source>
        <translation>Linie zwischen den beiden Bildern</translation>
    </message>
    <message>
        <source>Drag, or move it with the arrow keys</source>
        <translation>Ziehen oder mit den Pfeiltasten bewegen</translation>
    </message>
</context>
<context>
    <name>ZoomBar</name>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Zoom; the mouse wheel over the photo does the same</source>
        <translation>Zoom; das Mausrad über dem Foto tut dasselbe</translation>
    </message>
    <message>
        <source>Exact zoom factor</source>
        <translation>Genauer Zoomfaktor</translation>
    </message>
    <message>
        <source>Exact factor, {0}: type any number</source>
        <translation>Genauer Faktor, {0}: jede Zahl ist möglich</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Show the whole photo (0)</source>
        <translation>Das ganze Foto zeigen (0)</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>Ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>Bild &amp;einfügen</translation>
    </message>
    <message>
        <source>&amp;Next photo</source>
        <translation>&amp;Nächstes Foto</translation>
    </message>
    <message>
        <source>Pre&amp;vious photo</source>
        <translation>&amp;Vorheriges Foto</translation>
    </message>
    <message>
        <source>&amp;Copy view</source>
        <translation>Ansicht &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>E&amp;xportieren…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>Actual pixels, &amp;100 %</source>
        <translation>Originalpixel, &amp;100 %</translation>
    </message>
    <message>
        <source>× &amp;2</source>
        <translation>× &amp;2</translation>
    </message>
    <message>
        <source>× &amp;4</source>
        <translation>× &amp;4</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Hi&amp;neinzoomen</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>He&amp;rauszoomen</translation>
    </message>
    <message>
        <source>One picture</source>
        <translation>Ein Bild</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Wipe</source>
        <translation>Wischen</translation>
    </message>
    <message>
        <source>Blink</source>
        <translation>Blinken</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>S&amp;wap pictures</source>
        <translation>Bilder &amp;tauschen</translation>
    </message>
    <message>
        <source>Show what was &amp;invented</source>
        <translation>Er&amp;fundenes zeigen</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>&amp;Werkzeuge</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>&amp;Modelle…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Tour of the samples</source>
        <translation>&amp;Tour durch die Beispiele</translation>
    </message>
    <message>
        <source>Open &amp;log</source>
        <translation>Proto&amp;koll öffnen</translation>
    </message>
    <message>
        <source>&amp;About LIIF-GAN</source>
        <translation>Ü&amp;ber LIIF-GAN</translation>
    </message>
    <message>
        <source>&amp;Mask</source>
        <translation>&amp;Maske</translation>
    </message>
    <message>
        <source>Sh&amp;ow the mask</source>
        <translation>Maske &amp;zeigen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Fill</source>
        <translation>&amp;Füllen</translation>
    </message>
    <message>
        <source>&amp;Invert</source>
        <translation>&amp;Umkehren</translation>
    </message>
    <message>
        <source>&amp;Erase</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message>
        <source>&amp;Calm areas less</source>
        <translation>Ru&amp;hige Flächen weniger</translation>
    </message>
    <message>
        <source>&amp;Text and line art less</source>
        <translation>&amp;Text und Strichzeichnung weniger</translation>
    </message>
    <message>
        <source>&amp;Save edit</source>
        <translation>Bearbeitung &amp;speichern</translation>
    </message>
</context>
<context>
    <name>advice</name>
    <message>
        <source>looks compressed</source>
        <translation>sieht komprimiert aus</translation>
    </message>
    <message>
        <source>looks noisy</source>
        <translation>sieht verrauscht aus</translation>
    </message>
    <message>
        <source>looks compressed and noisy</source>
        <translation>sieht komprimiert und verrauscht aus</translation>
    </message>
    <message>
        <source>This photo {0}: {1} may suit it.</source>
        <translation>Dieses Foto {0}: „{1}“ könnte passen.</translation>
    </message>
    <message>
        <source>This photo {0}.</source>
        <translation>Dieses Foto {0}.</translation>
    </message>
    <message>
        <source>This photo {0}: {1} adds nothing to that.</source>
        <translation>Dieses Foto {0}: „{1}“ verstärkt das nicht.</translation>
    </message>
</context>
<context>
    <name>canvas</name>
    <message>
        <source>|{0} − {1}| × 4</source>
        <translation>|{0} − {1}| × 4</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>{0}, still refining…</source>
        <translation>{0}, wird noch feiner…</translation>
    </message>
    <message>
        <source>{0}, refining with {1}…</source>
        <translation>{0}, wird feiner mit {1}…</translation>
    </message>
    <message>
        <source>{0}, then {1}</source>
        <translation>{0}, dann {1}</translation>
    </message>
    <message>
        <source>Invented detail, part of the range</source>
        <translation>Erfundene Details, Teil des Wertebereichs</translation>
    </message>
    <message>
        <source>Opening {0}…</source>
        <translation>{0} wird geöffnet…</translation>
    </message>
</context>
<context>
    <name>curves</name>
    <message>
        <source>Nearness to the originals at ×{0}, in dB</source>
        <translation>Nähe zum Original bei ×{0}, in dB</translation>
    </message>
    <message>
        <source>Nearness to the teacher at ×{0}, in dB</source>
        <translation>Nähe zum Lehrer bei ×{0}, in dB</translation>
    </message>
    <message>
        <source>Likeness of structure at ×{0}</source>
        <translation>Ähnlichkeit der Struktur bei ×{0}</translation>
    </message>
    <message>
        <source>Visible difference at ×{0}</source>
        <translation>Sichtbarer Unterschied bei ×{0}</translation>
    </message>
    <message>
        <source>Loss: colours of the structure</source>
        <translation>Verlust: Farben der Struktur</translation>
    </message>
    <message>
        <source>Loss: colours of the result</source>
        <translation>Verlust: Farben des Ergebnisses</translation>
    </message>
    <message>
        <source>Loss: distance from the teacher</source>
        <translation>Verlust: Abstand vom Lehrer</translation>
    </message>
    <message>
        <source>Loss: visible difference</source>
        <translation>Verlust: sichtbarer Unterschied</translation>
    </message>
    <message>
        <source>Loss: coarse colours</source>
        <translation>Verlust: grobe Farben</translation>
    </message>
    <message>
        <source>Loss: against the critic</source>
        <translation>Verlust: gegen den Kritiker</translation>
    </message>
    <message>
        <source>Loss of the critic</source>
        <translation>Verlust des Kritikers</translation>
    </message>
</context>
<context>
    <name>detail ends</name>
    <message>
        <source>Plain</source>
        <translation>Schlicht</translation>
    </message>
    <message>
        <source>Vivid</source>
        <translation>Lebhaft</translation>
    </message>
    <message>
        <source>As taken</source>
        <translation>Wie aufgenommen</translation>
    </message>
    <message>
        <source>Cleaned</source>
        <translation>Bereinigt</translation>
    </message>
</context>
<context>
    <name>model card</name>
    <message>
        <source>structure and detail</source>
        <translation>Struktur und Detail</translation>
    </message>
    <message>
        <source>structure only</source>
        <translation>nur Struktur</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was es tut</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Trained for</source>
        <translation>Trainiert für</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Reads</source>
        <translation>Liest</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>a network that this version does not know</source>
        <translation>ein Netz, das diese Version nicht kennt</translation>
    </message>
    <message>
        <source>{0} ({1} MB), installed; {2}</source>
        <translation>{0} ({1} MB), installiert; {2}</translation>
    </message>
    <message>
        <source>{0} ({1} MB), not installed; {2}</source>
        <translation>{0} ({1} MB), nicht installiert; {2}</translation>
    </message>
    <message>
        <source>fast: draws a whole view in moments, without a GPU too; stands in for slower models while the view moves</source>
        <translation>schnell: zeichnet eine ganze Ansicht in Augenblicken, auch ohne GPU; vertritt langsamere Modelle, solange sich die Ansicht bewegt</translation>
    </message>
    <message>
        <source>{0}, {1} steps in {2} hours</source>
        <translation>{0}, {1} Schritte in {2} Stunden</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>{0} photos</source>
        <translation>{0} Fotos</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>Trainiert mit</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Known weaknesses</source>
        <translation>Bekannte Schwächen</translation>
    </message>
    <message>
        <source>Perceptual network</source>
        <translation>Wahrnehmungsnetz</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Software</source>
        <translation>Software</translation>
    </message>
</context>
<context>
    <name>models</name>
    <message>
        <source>Draws plausible fine detail; takes its time without a GPU.</source>
        <translation>Zeichnet glaubhafte feine Details; braucht ohne GPU seine Zeit.</translation>
    </message>
    <message>
        <source>Draws plausible detail in a fraction of the time that Natural takes.</source>
        <translation>Zeichnet glaubhafte Details in einem Bruchteil der Zeit, die „Natürlich“ braucht.</translation>
    </message>
    <message>
        <source>Enlarges what the photo tells and invents nothing.</source>
        <translation>Vergrößert, was das Foto hergibt, und erfindet nichts.</translation>
    </message>
    <message>
        <source>Leaves out noise and compression; takes its time without a GPU.</source>
        <translation>Lässt Rauschen und Kompression weg; braucht ohne GPU seine Zeit.</translation>
    </message>
    <message>
        <source>Leaves out noise and compression in a fraction of the time.</source>
        <translation>Lässt Rauschen und Kompression in einem Bruchteil der Zeit weg.</translation>
    </message>
    <message>
        <source>Draws plausible detail in moments, until a better picture is ready.</source>
        <translation>Zeichnet glaubhafte Details in Augenblicken, bis ein besseres Bild fertig ist.</translation>
    </message>
    <message>
        <source>Enlarges what the photo tells in moments, until a better picture is ready.</source>
        <translation>Vergrößert in Augenblicken, was das Foto hergibt, bis ein besseres Bild fertig ist.</translation>
    </message>
    <message>
        <source>A detail layer on deep blocks of EDSR, to compare with.</source>
        <translation>Eine Detailschicht auf tiefen Blöcken von EDSR, zum Vergleich.</translation>
    </message>
    <message>
        <source>A detail layer on the features of LIIF, to compare with.</source>
        <translation>Eine Detailschicht auf den Merkmalen von LIIF, zum Vergleich.</translation>
    </message>
    <message>
        <source>A GAN of one decoder, to compare with.</source>
        <translation>Ein GAN mit einem Decoder, zum Vergleich.</translation>
    </message>
    <message>
        <source>Draws plausible detail that the photo does not tell.</source>
        <translation>Zeichnet glaubhafte Details, die das Foto nicht hergibt.</translation>
    </message>
    <message>
        <source>Leaves out noise and compression of the photo.</source>
        <translation>Lässt Rauschen und Kompression des Fotos weg.</translation>
    </message>
</context>
<context>
    <name>panels</name>
    <message>
        <source>Export &amp;queue</source>
        <translation>Export-&amp;Warteschlange</translation>
    </message>
    <message>
        <source>&amp;Train a model</source>
        <translation>Modell &amp;trainieren</translation>
    </message>
    <message>
        <source>&amp;Detail brush</source>
        <translation>&amp;Detailpinsel</translation>
    </message>
</context>
<context>
    <name>quantities</name>
    <message>
        <source>{0} s</source>
        <translation>{0} s</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} min</translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation>{0} h</translation>
    </message>
    <message>
        <source>{0}%</source>
        <comment>a percentage</comment>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>{0} · {1} left</source>
        <comment>a percentage, a duration</comment>
        <translation>{0} · noch {1}</translation>
    </message>
</context>
<context>
    <name>queue</name>
    <message>
        <source>waits for Start</source>
        <translation>wartet auf Starten</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>done.</source>
        <translation>fertig.</translation>
    </message>
    <message>
        <source>was there, left alone</source>
        <translation>war da, unverändert gelassen</translation>
    </message>
    <message>
        <source>left out: a result of a batch</source>
        <translation>ausgelassen: ein Ergebnis der Stapelverarbeitung</translation>
    </message>
    <message>
        <source>failed: {0}</source>
        <translation>fehlgeschlagen: {0}</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>{0} of {1} done</source>
        <translation>{0} von {1} fertig</translation>
    </message>
    <message>
        <source>{0} were there</source>
        <translation>{0} waren da</translation>
    </message>
    <message>
        <source>{0} left out</source>
        <translation>{0} ausgelassen</translation>
    </message>
    <message>
        <source>{0} failed</source>
        <translation>{0} fehlgeschlagen</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>{0} is exported, rendered with {1}.</source>
        <translation>{0} ist exportiert, gerendert mit {1}.</translation>
    </message>
    <message>
        <source>{0} of {1} photos are exported.</source>
        <translation>{0} von {1} Fotos sind exportiert.</translation>
    </message>
    <message>
        <source>{0} failed:</source>
        <translation>{0} fehlgeschlagen:</translation>
    </message>
</context>
<context>
    <name>recipes</name>
    <message>
        <source>Like my photos</source>
        <translation>Wie meine Fotos</translation>
    </message>
    <message>
        <source>Like my photos, fast</source>
        <translation>Wie meine Fotos, schnell</translation>
    </message>
    <message>
        <source>Clean up my noisy and compressed photos</source>
        <translation>Meine verrauschten und komprimierten Fotos säubern</translation>
    </message>
    <message>
        <source>Clean up, fast</source>
        <translation>Säubern, schnell</translation>
    </message>
    <message>
        <source>A trial of a minute, to see that all works</source>
        <translation>Ein Versuch von einer Minute, ob alles geht</translation>
    </message>
</context>
<context>
    <name>sources</name>
    <message>
        <source>Natural</source>
        <translation>Natürlich</translation>
    </message>
    <message>
        <source>Natural, fast</source>
        <translation>Natürlich, schnell</translation>
    </message>
    <message>
        <source>Faithful</source>
        <translation>Getreu</translation>
    </message>
    <message>
        <source>Clean up</source>
        <translation>Säubern</translation>
    </message>
    <message>
        <source>Clean up, fast</source>
        <translation>Säubern, schnell</translation>
    </message>
    <message>
        <source>Natural (quick view)</source>
        <translation>Natürlich (Schnellansicht)</translation>
    </message>
    <message>
        <source>Faithful (quick view)</source>
        <translation>Getreu (Schnellansicht)</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Bicubic</source>
        <translation>Bikubisch</translation>
    </message>
</context>
<context>
    <name>wording</name>
    <message>
        <source>The settings raise the limit: memory for exports.</source>
        <translation>Die Grenze lässt sich in den Einstellungen erhöhen: Speicher für Exporte.</translation>
    </message>
    <message>
        <source>The settings raise the limit: largest photo.</source>
        <translation>Die Grenze lässt sich in den Einstellungen erhöhen: größtes Foto.</translation>
    </message>
    <message>
        <source>Choose Replace to write over it.</source>
        <translation>„Ersetzen“ überschreibt sie.</translation>
    </message>
    <message>
        <source>The batch queue takes whole folders.</source>
        <translation>Die Stapelliste nimmt ganze Ordner.</translation>
    </message>
    <message>
        <source>Choose another folder for the results.</source>
        <translation>Wählen Sie einen anderen Ordner für die Ergebnisse.</translation>
    </message>
    <message>
        <source>Start again to go on.</source>
        <translation>Starten Sie erneut, um weiterzumachen.</translation>
    </message>
    <message>
        <source>Choose the CPU as device, which takes longer.</source>
        <translation>Wählen Sie die CPU als Gerät, was länger dauert.</translation>
    </message>
    <message>
        <source>It has {has} bits, its result as {format} {gets}.</source>
        <translation>Es hat {has} Bit, sein Ergebnis als {format} {gets}.</translation>
    </message>
    <message>
        <source>As {format} the result has {gets} bits instead of {asked}.</source>
        <translation>Als {format} hat das Ergebnis {gets} statt {asked} Bit.</translation>
    </message>
    <message>
        <source>Its {part} cannot be used; sRGB is assumed.</source>
        <translation>Nicht brauchbar, daher sRGB angenommen: {part}.</translation>
    </message>
    <message>
        <source>{count} channels beside colours and alpha are left out.</source>
        <translation>{count} Kanäle neben Farben und Alpha fehlen.</translation>
    </message>
    <message>
        <source>Made of the channels{layer} {used}; left out: {others}.</source>
        <translation>Aus den Kanälen{layer} {used}; ohne {others}.</translation>
    </message>
    <message>
        <source>CMYK without a usable profile: colours are approximate.</source>
        <translation>CMYK ohne brauchbares Profil: Die Farben stimmen nur ungefähr.</translation>
    </message>
    <message>
        <source>CMYK of more than 8 bits is read as 8 bits.</source>
        <translation>CMYK mit mehr als 8 Bit wird als 8 Bit gelesen.</translation>
    </message>
    <message>
        <source>Unknown colour code points {primaries}/{transfer}: colours are approximate.</source>
        <translation>Unbekannte Farbkennzahlen {primaries}/{transfer}: Die Farben stimmen nur ungefähr.</translation>
    </message>
    <message>
        <source>Damaged and left out: {part}.</source>
        <translation>Beschädigt und weggelassen: {part}.</translation>
    </message>
    <message>
        <source>{format} has no display window: the result is all of the data.</source>
        <translation>{format} kennt kein Anzeigefenster: Das Ergebnis enthält alle Daten.</translation>
    </message>
    <message>
        <source>The display window is left out: it is not warped along.</source>
        <translation>Das Anzeigefenster fehlt: Es wird nicht mitverzerrt.</translation>
    </message>
    <message>
        <source>The format has no place for {facts}.</source>
        <translation>Das Format hat keinen Platz für {facts}.</translation>
    </message>
    <message>
        <source>Its gain map is of Apple&apos;s kind and is left out.</source>
        <translation>Seine Gain-Map ist von Apples Art und fehlt.</translation>
    </message>
    <message>
        <source>The gain map is left out; JPEG keeps it.</source>
        <translation>Die Gain-Map fehlt; JPEG behält sie.</translation>
    </message>
    <message>
        <source>Its gain map is not where it should be and is left out.</source>
        <translation>Seine Gain-Map liegt nicht, wo sie soll, und fehlt.</translation>
    </message>
    <message>
        <source>The gain map is left out with the metadata.</source>
        <translation>Die Gain-Map fehlt mit den Metadaten.</translation>
    </message>
    <message>
        <source>The gain map is left out: it is not warped along.</source>
        <translation>Die Gain-Map fehlt: Sie wird nicht mitverzerrt.</translation>
    </message>
    <message>
        <source>L*a*b* colours beyond sRGB are moved to its edge.</source>
        <translation>L*a*b*-Farben jenseits von sRGB rücken an dessen Rand.</translation>
    </message>
    <message>
        <source>Light where it is transparent is left out in {format}.</source>
        <translation>Licht an durchsichtigen Stellen fehlt in {format}.</translation>
    </message>
    <message>
        <source>{format} holds {colours} colours; others become a pattern.</source>
        <translation>{format} fasst {colours} Farben; andere werden gerastert.</translation>
    </message>
    <message>
        <source>Of {amount} pictures only the {used} is used.</source>
        <translation>Von {amount} Bildern wird nur eines genommen: {used}.</translation>
    </message>
    <message>
        <source>Its colour profile is in another file and is left out.</source>
        <translation>Sein Farbprofil liegt in einer anderen Datei und fehlt.</translation>
    </message>
    <message>
        <source>Its colour profile cannot be converted: colours are approximate.</source>
        <translation>Sein Farbprofil lässt sich nicht umrechnen: Die Farben stimmen nur ungefähr.</translation>
    </message>
    <message>
        <source>Its colour profile is for {space} and is left out.</source>
        <translation>Sein Farbprofil ist für {space} und fehlt.</translation>
    </message>
    <message>
        <source>It holds nothing but a smaller copy of a picture.</source>
        <translation>Es enthält nur eine kleinere Kopie eines Bildes.</translation>
    </message>
    <message>
        <source>{colours} becomes sRGB: {format} of {bits} bits cannot hold it.</source>
        <translation>{colours} wird zu sRGB: {format} mit {bits} Bit fasst es nicht.</translation>
    </message>
    <message>
        <source>Too long for {format} and left out: {part}.</source>
        <translation>Zu lang für {format} und weggelassen: {part}.</translation>
    </message>
    <message>
        <source>{format} has no transparency: the picture is put on white.</source>
        <translation>{format} kennt keine Durchsichtigkeit: Das Bild steht auf Weiß.</translation>
    </message>
    <message>
        <source>Its transparency mask is left out.</source>
        <translation>Seine Transparenzmaske fehlt.</translation>
    </message>
    <message>
        <source>Video range: what lies beyond black or white is cut.</source>
        <translation>Videobereich: Was jenseits von Schwarz oder Weiß liegt, ist gekappt.</translation>
    </message>
    <message>
        <source>The camera&apos;s white balance is missing; daylight&apos;s is used.</source>
        <translation>Der Weißabgleich der Kamera fehlt; der für Tageslicht gilt.</translation>
    </message>
    <message>
        <source>Left out: {what}.</source>
        <translation>Weggelassen: {what}.</translation>
    </message>
</context>
</TS>
