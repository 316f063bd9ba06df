# Adds LIIF-GAN to "Open with" for this user; the programs stay in this folder. -Remove undoes it.
# The build puts the endings of the files that the app opens in place of the word between @.
param([switch]$Remove)
$key = 'HKCU:\Software\Classes\Applications\liifgan-app.exe'
if ($Remove) {
    Remove-Item -Path $key -Recurse -ErrorAction SilentlyContinue
    exit
}
New-Item -Path "$key\shell\open\command" -Value "`"$PSScriptRoot\liifgan-app.exe`" `"%1`"" -Force | Out-Null
New-Item -Path "$key\SupportedTypes" -Force | Out-Null
foreach ($suffix in '@SUFFIXES@'.Split(' ')) {
    New-ItemProperty -Path "$key\SupportedTypes" -Name $suffix -Value '' -Force | Out-Null
}
Set-ItemProperty -Path $key -Name 'FriendlyAppName' -Value 'LIIF-GAN'
